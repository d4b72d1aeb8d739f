package io.pageferry.image;

import io.pageferry.checkpoint.Checkpoint;
import io.pageferry.checkpoint.CheckpointFacts;
import io.pageferry.checkpoint.PageState;
import io.pageferry.checkpoint.WorkingSet;
import io.pageferry.memory.BufferPool;
import io.pageferry.memory.IoVector;
import io.pageferry.memory.LoadedPages;
import io.pageferry.memory.LoadingPageSource;
import io.pageferry.memory.MemoryRegion;
import io.pageferry.memory.PageBatch;
import io.pageferry.memory.PageBitmap;
import io.pageferry.memory.PageLoader;
import io.pageferry.memory.PageReader;
import io.pageferry.memory.RamBlock;
import io.pageferry.memory.RamLayout;
import io.pageferry.stream.Configuration;
import io.pageferry.stream.DeviceState;
import io.pageferry.stream.DeviceStateSource;
import io.pageferry.stream.MainStreamReader;
import io.pageferry.stream.Section;
import io.pageferry.stream.StreamInput;
import io.pageferry.supervision.Closeables;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.BitSet;
import java.util.Optional;

/**
 * A checkpoint in a mapped-ram file. Opened and closed by one thread. As long as it is open, nobody removes it from a
 * store.
 *
 * <p>Pages are read into a pooled buffer and sent from there; mapping the file would be as fast at its best and ten
 * times slower with a cold cache.
 */
public final class Image implements Checkpoint {
    private final Path path;
    private final FileChannel file;
    private final FileChannel pages;
    private final ImageContents contents;

    /** Null where it is a writer's still, and where files know no locks. */
    private final FileLock beingRead;

    /** The blocks that nothing is there of, by index. */
    private final BitSet missing = new BitSet();

    private Image(Path path, FileChannel file, FileChannel pages, ImageContents contents) {
        this.path = path;
        this.beingRead = share(path);
        this.file = file;
        this.pages = pages;
        this.contents = contents;
        if (contents.configuration().hasCapability(Configuration.IGNORE_SHARED)) {
            for (RamBlock block : layout().blocks()) {
                missing.set(block.index(), present(block).count() == 0);
            }
        }
    }

    /**
     * Opens an image and reads all of it but its pages.
     *
     * @param start where in the file it begins
     * @param maxRamBytes the largest guest that is let in
     * @param directIo whether pages are read past the page cache
     */
    public static Image open(Path path, long start, long maxRamBytes, boolean directIo) throws IOException {
        FileChannel file = openFile(path);
        try {
            ImageContents contents =
                    ImageContents.read(file, path, start, maxRamBytes, PageBitmaps.asWritten(file, path));
            return new Image(
                    path, file, directIo ? DirectIo.open(path, StandardOpenOption.READ, path) : file, contents);
        } catch (Throwable e) {
            file.close();
            throw e;
        }
    }

    /**
     * Opens what a QEMU writes with {@code mapped-ram} and {@code background-snapshot}: an image whose pages are all
     * there, and whose bitmaps say that none is. Reads all its pages to find those that are not zero.
     */
    public static Image salvage(Path path, long start, long maxRamBytes) throws IOException {
        FileChannel file = openFile(path);
        try {
            ImageContents contents =
                    ImageContents.read(file, path, start, maxRamBytes, PageBitmaps.ofPagesThatAreNotZero(file, path));
            return new Image(path, file, file, contents);
        } catch (Throwable e) {
            file.close();
            throw e;
        }
    }

    /** Reads of an image only what its source said of itself. */
    public static Configuration configurationOf(Path path) throws IOException {
        try (FileChannel file = openFile(path)) {
            return new MainStreamReader(new StreamInput(new FileSource(file, path))).readHeader();
        }
    }

    /** A link to an image is as good as one, and it is the image that would be removed. */
    private static FileLock share(Path path) {
        try {
            return FileLock.share(path.toRealPath());
        } catch (IOException e) {
            return null; // it has been removed, or is no regular file: nobody is going to remove it
        }
    }

    /** Opening a pipe would wait for somebody to write to it. */
    private static FileChannel openFile(Path path) throws ImageException {
        try {
            FileKind kind = FileKind.of(path);
            if (!kind.canHoldImage()) {
                throw new ImageException(
                        "file must be a mapped-ram image: image=" + path + " found=\"" + kind.words() + "\"");
            }
            return FileChannel.open(path, StandardOpenOption.READ);
        } catch (ImageException e) {
            throw e;
        } catch (IOException e) {
            throw ImageException.of("image must be readable", path, e);
        }
    }

    public Path path() {
        return path;
    }

    @Override
    public Configuration configuration() {
        return contents.configuration();
    }

    @Override
    public Section ramSection() {
        return contents.ramSection();
    }

    @Override
    public DeviceState deviceState() {
        return contents.deviceState();
    }

    @Override
    public DeviceStateSource deviceStateBesideRam() {
        return contents.besideRam();
    }

    @Override
    public RamLayout layout() {
        return contents.layout().ram();
    }

    @Override
    public PageBitmap present(RamBlock block) {
        return contents.present().get(block.index());
    }

    /** A block that no page is present of is taken to be shared, where the source ignored such. */
    @Override
    public PageState state(RamBlock block, long page) {
        if (present(block).isSet(page)) {
            return PageState.PRESENT;
        }
        return missing.get(block.index()) ? PageState.MISSING : PageState.ZERO;
    }

    @Override
    public void read(RamBlock block, long offset, ByteBuffer into) throws IOException {
        Checkpoint.requirePages(block, offset, into.remaining());
        int pageSize = block.pageSizeBytes();
        PageBitmap present = present(block);
        long page = offset / pageSize;
        long end = page + into.remaining() / pageSize;
        int limit = into.limit();
        while (page < end) {
            boolean there = present.isSet(page);
            long runEnd = Math.min(end, there ? present.nextClear(page) : present.nextSet(page));
            into.limit(into.position() + (int) (runEnd - page) * pageSize);
            if (there) {
                readPresent(block, page * pageSize, into);
            } else {
                // Not from the file: only the bitmap says that a page is zero.
                MemorySegment.ofBuffer(into).fill((byte) 0);
                into.position(into.limit());
            }
            page = runEnd;
        }
        into.limit(limit);
    }

    private void readPresent(RamBlock block, long offset, ByteBuffer into) throws IOException {
        FileIo.readFully(pages, into, contents.layout().position(block, offset), path);
    }

    @Override
    public CheckpointFacts facts() throws IOException {
        return SidecarFiles.readFacts(path).orElse(CheckpointFacts.NONE);
    }

    @Override
    public WorkingSet workingSet() throws IOException {
        Optional<byte[]> bytes = SidecarFiles.readWorkingSet(path);
        return bytes.isPresent() ? WorkingSet.parse(bytes.get(), layout()) : WorkingSet.NONE;
    }

    @Override
    public void keep(WorkingSet workingSet) throws IOException {
        SidecarFiles.writeWorkingSet(path, workingSet.toBytes(layout()));
    }

    /** Bytes of the file; less of it may be on disk, since it has holes. */
    public long fileBytes() throws IOException {
        return file.size();
    }

    @Override
    public PageReader openReader() {
        return new Reader();
    }

    @Override
    public LoadingPageSource withBuffers(BufferPool buffers) {
        return new LoadingPageSource() {
            @Override
            public RamLayout layout() {
                return Image.this.layout();
            }

            @Override
            public PageBitmap present(RamBlock block) {
                return Image.this.present(block);
            }

            @Override
            public PageLoader openReader() {
                return new Loader(buffers);
            }
        };
    }

    @Override
    public void close() throws IOException {
        try (file;
                pages) {
            Closeables.closeQuietly(beingRead);
        }
    }

    private class Reader implements PageReader {
        @Override
        public void read(PageBatch batch, IoVector into) throws IOException {
            int pageSize = batch.block().pageSizeBytes();
            int next = 0;
            for (int slot = 0; slot < batch.normalPages(); ) {
                int length = batch.runLength(slot, batch.normalPages());
                long offset = batch.offset(slot);
                int left = length * pageSize;
                // A run of the file may go into several buffers, and a buffer may take several runs.
                while (left > 0) {
                    ByteBuffer target = into.buffers()[next];
                    int limit = target.limit();
                    int part = Math.min(left, target.remaining());
                    readPresent(batch.block(), offset, target.limit(target.position() + part));
                    target.limit(limit);
                    offset += part;
                    left -= part;
                    if (!target.hasRemaining()) {
                        next++;
                    }
                }
                slot += length;
            }
        }

        @Override
        public void close() {
            // It has nothing of its own.
        }
    }

    private final class Loader extends Reader implements PageLoader {
        private final BufferPool buffers;
        private final IoVector run = new IoVector(1);
        private MemoryRegion buffer;

        Loader(BufferPool buffers) {
            this.buffers = buffers;
        }

        @Override
        public void load(PageBatch batch, LoadedPages into) throws IOException, InterruptedException {
            if (batch.normalPages() == 0) {
                return;
            }
            buffer = buffers.borrow();
            into.begin(buffer);
            int pageSize = batch.block().pageSizeBytes();
            for (int slot = 0; slot < batch.normalPages(); ) {
                int length = batch.runLength(slot, batch.normalPages());
                run.clear();
                run.add(buffer, (long) slot * pageSize, length * pageSize);
                readPresent(batch.block(), batch.offset(slot), run.buffers()[0]);
                for (int end = slot + length; slot < end; slot++) {
                    into.position(slot, (long) slot * pageSize);
                }
            }
        }

        @Override
        public void release() {
            if (buffer != null) {
                buffers.giveBack(buffer);
                buffer = null;
            }
        }

        @Override
        public void close() {
            release();
        }
    }
}
