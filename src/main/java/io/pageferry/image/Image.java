package io.pageferry.image;

import io.pageferry.memory.BufferPool;
import io.pageferry.memory.IoVector;
import io.pageferry.memory.LoadedPages;
import io.pageferry.memory.MemoryRegion;
import io.pageferry.memory.PageBatch;
import io.pageferry.memory.PageBitmap;
import io.pageferry.memory.PageReader;
import io.pageferry.memory.PageSource;
import io.pageferry.memory.RamBlock;
import io.pageferry.memory.RamLayout;
import io.pageferry.stream.Configuration;
import io.pageferry.stream.DeviceState;
import io.pageferry.stream.DeviceStateSource;
import io.pageferry.stream.MainStreamReader;
import io.pageferry.stream.Section;
import io.pageferry.stream.StreamInput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * An image at rest: what it says of its guest, and a page source that all channels read from in parallel. Opened and
 * closed by one thread.
 *
 * <p>Pages are read into a pooled buffer and sent from there; mapping the file would be as fast at its best and ten
 * times slower with a cold cache.
 */
public final class Image implements PageSource, AutoCloseable {
    private final Path path;
    private final FileChannel file;
    private final FileChannel pages;
    private final ImageContents contents;

    private Image(Path path, FileChannel file, FileChannel pages, ImageContents contents) {
        this.path = path;
        this.file = file;
        this.pages = pages;
        this.contents = contents;
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
            ImageContents contents = ImageContents.read(file, path, start, maxRamBytes);
            return new Image(
                    path, file, directIo ? DirectIo.open(path, StandardOpenOption.READ, path) : file, contents);
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

    private static FileChannel openFile(Path path) throws ImageException {
        try {
            return FileChannel.open(path, StandardOpenOption.READ);
        } catch (IOException e) {
            throw ImageException.of("image must be readable", path, e);
        }
    }

    public Path path() {
        return path;
    }

    public Configuration configuration() {
        return contents.configuration();
    }

    /** How the RAM section begins. */
    public Section ramSection() {
        return contents.ramSection();
    }

    public DeviceState deviceState() {
        return contents.deviceState();
    }

    /** Device state that came beside RAM, on the channels. */
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

    /** Reads bytes of a block, which lie behind one another in the file. */
    void readAt(RamBlock block, long offset, ByteBuffer into) throws IOException {
        FileIo.readFully(pages, into, contents.layout().position(block, offset), path);
    }

    /** Bytes of the file; less of it may be on disk, since it has holes. */
    public long fileBytes() throws IOException {
        return file.size();
    }

    /** A reader that needs no buffers of its own: for those who bring memory, as {@link PageReader#read} asks. */
    @Override
    public PageReader openReader() {
        return new Reader(null);
    }

    /**
     * A reader.
     *
     * @param buffers where loaded pages lie; each buffer holds a packet's
     */
    public PageReader openReader(BufferPool buffers) {
        return new Reader(buffers);
    }

    /** The image as a source whose readers load pages into buffers of a pool. */
    public PageSource withBuffers(BufferPool buffers) {
        return new PageSource() {
            @Override
            public RamLayout layout() {
                return Image.this.layout();
            }

            @Override
            public PageBitmap present(RamBlock block) {
                return Image.this.present(block);
            }

            @Override
            public PageReader openReader() {
                return Image.this.openReader(buffers);
            }
        };
    }

    @Override
    public void close() throws IOException {
        try {
            file.close();
        } finally {
            pages.close();
        }
    }

    private final class Reader implements PageReader {
        private final BufferPool buffers;
        private final IoVector run = new IoVector(1);
        private MemoryRegion buffer;

        Reader(BufferPool buffers) {
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
                readAt(batch.block(), batch.offset(slot), run.buffers()[0]);
                for (int end = slot + length; slot < end; slot++) {
                    into.position(slot, (long) slot * pageSize);
                }
            }
        }

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
                    readAt(batch.block(), offset, target.limit(target.position() + part));
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
