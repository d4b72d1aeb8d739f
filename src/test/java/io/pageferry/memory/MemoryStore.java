package io.pageferry.memory;

/** Pages in this process. */
final class MemoryStore implements PageStore {
    private final GuestMemory memory;
    private final PageSink sink;

    MemoryStore(RamLayout layout) {
        memory = new GuestMemory(layout);
        sink = new MemoryPageSink(memory);
    }

    @Override
    public PageSink sink() {
        return sink;
    }

    @Override
    public PageSource finish() {
        return new MemoryPageSource(memory);
    }

    @Override
    public void close() {
        memory.close();
    }
}
