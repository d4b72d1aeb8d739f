package io.pageferry.guest;

import io.pageferry.memory.DirtyLog;
import io.pageferry.memory.GuestMemory;
import io.pageferry.memory.MemoryRegion;
import io.pageferry.memory.PageBitmap;
import io.pageferry.memory.PageSource;
import io.pageferry.memory.RamBlock;
import io.pageferry.memory.RamLayout;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * A guest with one RAM block and one processor, which writes pages at random and marks them dirty.
 *
 * <p>{@link #start}, {@link #stop} and {@link #close} are for the thread that made it; its processor is a thread of its
 * own. The dirty log is for any thread.
 */
public final class SyntheticGuest implements DirtyLog, AutoCloseable {
    /** As QEMU calls the RAM of its machine {@code none}. */
    public static final String BLOCK_NAME = "ram";

    /** How often the processor catches up with its dirty rate. */
    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private static final int PAGE = GuestShape.PAGE_SIZE_BYTES;

    private final GuestShape shape;
    private final boolean hasModel;
    private final GuestMemory memory;
    private final RamBlock block;
    private final PageBitmap dirty;
    private final RandomGenerator random;
    private Processor processor;
    private volatile long processorNanos; // written by the processor

    /** Makes a guest whose RAM is filled as its shape says. Takes as long as writing that memory. */
    public SyntheticGuest(GuestShape shape) {
        this(shape, false);
        for (long page = 0; page < block.pages(); page++) {
            if (random.nextDouble() >= shape.zeroShare()) {
                fill(page);
            }
        }
    }

    /**
     * Makes a guest whose RAM has the pages of another one, so that it is as zero and as compressible, packet by
     * packet. The shape's zero share and compressibility do not count. What this guest writes later is copies of its
     * own pages, which leaves their mix as it is.
     */
    public SyntheticGuest(GuestShape shape, PageSource model) throws IOException {
        this(shape, true);
        try {
            ModelPages.copy(model, memory.region(block), shape.sizeBytes());
        } catch (IOException | RuntimeException e) {
            memory.close();
            throw e;
        }
    }

    private SyntheticGuest(GuestShape shape, boolean hasModel) {
        this.shape = shape;
        this.hasModel = hasModel;
        RamLayout layout = new RamLayout(PAGE, List.of(BLOCK_NAME), new long[] {shape.sizeBytes()});
        this.memory = new GuestMemory(layout);
        this.block = layout.block(0);
        this.dirty = new PageBitmap(block.pages());
        this.random = RandomGeneratorFactory.of("Xoroshiro128PlusPlus").create(shape.seed());
    }

    public GuestMemory memory() {
        return memory;
    }

    /** The processor time that the guest has had: what is not to be put down to its migration. For any thread. */
    public long processorNanos() {
        return processorNanos;
    }

    /** Lets the guest run. */
    public void start() {
        if (shape.dirtyRate() > 0) {
            processor = new Processor();
            processor.thread.start();
        }
    }

    /**
     * Stops the guest; when this returns it writes nothing more, and all it wrote is marked. A processor that is idle
     * is not woken for that: it finds that it is not to write when it wakes by itself, and its thread ends.
     */
    public void stop() throws InterruptedException {
        if (processor != null) {
            processor.stop();
        }
    }

    /** The guest's processor for as long as it runs once. */
    private final class Processor implements Runnable {
        private final Thread thread = Thread.ofPlatform().name("guest-cpu").unstarted(this);

        /** Held while it writes: who gets it finds the processor between two bursts. */
        private final ReentrantLock writing = new ReentrantLock();

        private final long nanosBefore = processorNanos;
        private volatile boolean running = true;

        void stop() throws InterruptedException {
            running = false;
            writing.lockInterruptibly();
            writing.unlock();
        }

        void end() throws InterruptedException {
            running = false;
            LockSupport.unpark(thread);
            thread.join();
        }

        @Override
        public void run() {
            long start = System.nanoTime();
            long written = 0;
            while (running) {
                double seconds = (System.nanoTime() - start) / 1e9;
                written = catchUp(written, (long) (seconds * shape.dirtyRate() / PAGE));
                LockSupport.parkNanos(TICK_NANOS);
            }
        }

        private long catchUp(long before, long due) {
            long written = before;
            writing.lock();
            try {
                while (written < due && running) {
                    write(random.nextLong(shape.workingSetPages()));
                    written++;
                }
                if (written > before) {
                    processorNanos =
                            nanosBefore + ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
                }
            } finally {
                writing.unlock();
            }
            return written;
        }
    }

    private void write(long page) {
        if (hasModel) {
            MemoryRegion region = memory.region(block);
            long from = random.nextLong(block.pages());
            MemorySegment.copy(region.segment(), from * PAGE, region.segment(), page * PAGE, PAGE);
        } else if (random.nextDouble() < shape.zeroShare()) {
            memory.region(block).zero(page * PAGE, PAGE);
        } else {
            fill(page);
        }
        // After the write: who takes the mark before reading the page reads what was written, or finds it marked again.
        dirty.set(page);
    }

    private void fill(long page) {
        MemoryRegion region = memory.region(block);
        long position = page * PAGE;
        int start = MemoryRegion.inWindow(position);
        int repeated = (int) (PAGE * shape.compressibility()) & -Long.BYTES;
        long pattern = random.nextLong() | 1;
        for (int i = 0; i < PAGE; i += Long.BYTES) {
            region.window(position).putLong(start + i, i < repeated ? pattern : random.nextLong());
        }
    }

    @Override
    public long collect(RamBlock ofBlock, PageBitmap into) {
        return dirty.drainTo(into);
    }

    /** Frees the guest's memory. Nobody may use it any more. */
    @Override
    public void close() {
        try {
            if (processor != null) {
                processor.end();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return; // its processor may still write: memory that leaks is better than memory that is somebody else's
        }
        memory.close();
    }
}
