package io.pageferry.checkpoint;

import io.pageferry.memory.PageBitmap;
import io.pageferry.memory.RamBlock;
import io.pageferry.memory.RamLayout;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The pages that a guest has asked for after it was started, in the order in which it did: what it needs first. Only
 * advice; a guest that is given other pages first is slower and no other. Immutable.
 *
 * <p>At rest it is:
 *
 * <pre>
 *   magic u64 | blocks u32 | per block: name length u8, name, pages u64
 *   entries u32 | per entry: microseconds u32, block u32, page u64
 * </pre>
 */
public final class WorkingSet {
    /** A guest that is not known to need anything. */
    public static final WorkingSet NONE = new WorkingSet(List.of());

    /** Of pages: 256 MiB of a guest's RAM, and 1 MiB at rest. A Linux asks for some thousands in its first seconds. */
    public static final int MAX_ENTRIES = 1 << 16;

    /** {@code PFWSET} and a version. */
    private static final long MAGIC = 0x5046_5753_4554_0001L;

    private static final int ENTRY_BYTES = 2 * Integer.BYTES + Long.BYTES;
    private static final int MAX_NAME_BYTES = 255;

    /** More than any QEMU has. */
    private static final int MAX_BLOCKS = 4096;

    /** More than any at rest has. */
    public static final int MAX_BYTES =
            2 * Long.BYTES + MAX_BLOCKS * (1 + MAX_NAME_BYTES + Long.BYTES) + MAX_ENTRIES * ENTRY_BYTES;

    /**
     * A page of a block.
     *
     * @param micros since the guest was started
     * @param block the block's index in its layout
     */
    public record Entry(int micros, int block, long page) {}

    private final List<Entry> entries;

    private WorkingSet(List<Entry> entries) {
        this.entries = List.copyOf(entries);
    }

    /** One that was recorded; of very many entries the first. */
    public static WorkingSet of(List<Entry> entries) {
        return new WorkingSet(entries.subList(0, Math.min(entries.size(), MAX_ENTRIES)));
    }

    /** In the order in which they are to be sent. */
    public List<Entry> entries() {
        return entries;
    }

    public boolean isEmpty() {
        return entries.isEmpty();
    }

    /** What is in either of them, each page once, by when it was asked for first. */
    public WorkingSet and(WorkingSet other, RamLayout layout) {
        List<Entry> all = new ArrayList<>(entries);
        all.addAll(other.entries);
        all.sort(Comparator.comparingLong(entry -> Integer.toUnsignedLong(entry.micros)));
        List<PageBitmap> known = layout.blocks().stream()
                .map(block -> new PageBitmap(block.pages()))
                .toList();
        List<Entry> once = new ArrayList<>();
        for (Entry entry : all) {
            PageBitmap pages = known.get(entry.block);
            if (!pages.isSet(entry.page)) {
                pages.set(entry.page);
                once.add(entry);
            }
        }
        return of(once);
    }

    /** As it is at rest. */
    public byte[] toBytes(RamLayout layout) {
        int names = layout.names().stream().mapToInt(String::length).sum();
        ByteBuffer bytes = ByteBuffer.allocate(2 * Long.BYTES
                + layout.blocks().size() * (Byte.BYTES + Long.BYTES)
                + names
                + entries.size() * ENTRY_BYTES);
        bytes.putLong(MAGIC).putInt(layout.blocks().size());
        for (RamBlock block : layout.blocks()) {
            byte[] name = block.name().getBytes(StandardCharsets.US_ASCII);
            bytes.put((byte) name.length).put(name).putLong(block.pages());
        }
        bytes.putInt(entries.size());
        for (Entry entry : entries) {
            bytes.putInt(entry.micros).putInt(entry.block).putLong(entry.page);
        }
        return Arrays.copyOf(bytes.array(), bytes.position());
    }

    /**
     * Reads one.
     *
     * @throws CheckpointException where it is not valid, or of a guest with other RAM blocks
     */
    public static WorkingSet parse(byte[] bytes, RamLayout layout) throws CheckpointException {
        try {
            ByteBuffer in = ByteBuffer.wrap(bytes);
            require(in.getLong() == MAGIC, "begin with its magic");
            require(in.getInt() == layout.blocks().size(), "be of the same guest");
            for (RamBlock block : layout.blocks()) {
                byte[] name = new byte[Byte.toUnsignedInt(in.get())];
                in.get(name);
                require(
                        block.name().equals(new String(name, StandardCharsets.US_ASCII))
                                && in.getLong() == block.pages(),
                        "be of the same guest");
            }
            int count = in.getInt();
            require(count >= 0 && count <= MAX_ENTRIES && in.remaining() == count * ENTRY_BYTES, "be whole");
            Entry[] entries = IntStream.range(0, count)
                    .mapToObj(_ -> new Entry(in.getInt(), in.getInt(), in.getLong()))
                    .toArray(Entry[]::new);
            for (Entry entry : entries) {
                require(
                        entry.block >= 0
                                && entry.block < layout.blocks().size()
                                && entry.page >= 0
                                && entry.page < layout.block(entry.block).pages(),
                        "have pages that there are");
            }
            return new WorkingSet(List.of(entries));
        } catch (BufferUnderflowException e) {
            throw new CheckpointException("working set must be whole: bytes=" + bytes.length);
        }
    }

    private static void require(boolean holds, String rule) throws CheckpointException {
        if (!holds) {
            throw new CheckpointException("working set must " + rule);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof WorkingSet that && entries.equals(that.entries);
    }

    @Override
    public int hashCode() {
        return entries.hashCode();
    }

    @Override
    public String toString() {
        return entries.size() + " pages";
    }
}
