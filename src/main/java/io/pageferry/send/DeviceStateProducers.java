package io.pageferry.send;

import io.pageferry.handoff.Lanes;
import io.pageferry.stream.DeviceStatePiece;
import io.pageferry.stream.DeviceStateSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Hands the pieces of device state to the channels while the main thread hands them pages: QEMU's save threads,
 * {@code multifd_device_state_save_thread}.
 *
 * <p>Several threads {@linkplain #run produce} side by side, each one device after the other. They wait for
 * {@link #begin}; the main thread {@linkplain #join waits} for them before it syncs, which nobody may hand over in. A
 * migration that ends before interrupts them, wherever they are, and its scope waits until they are gone.
 */
final class DeviceStateProducers {
    private final List<List<Integer>> devices;
    private final Lanes<SendJob> lanes;
    private final Supplier<SendJob> empty;
    private final Supplier<RateLimiter> limiters;
    private final int threads;
    private final AtomicInteger nextDevice = new AtomicInteger();
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch done;

    /**
     * Makes producers.
     *
     * @param empty makes the job that each thread begins with, one like those in the lanes
     * @param limiters makes what keeps each thread under the limit of all
     */
    DeviceStateProducers(
            DeviceStateSource source, Lanes<SendJob> lanes, Supplier<SendJob> empty, Supplier<RateLimiter> limiters) {
        this.devices = byDevice(source.pieces());
        this.lanes = lanes;
        this.empty = empty;
        this.limiters = limiters;
        this.threads = Math.min(devices.size(), lanes.channels());
        this.done = new CountDownLatch(threads);
    }

    private static List<List<Integer>> byDevice(List<DeviceStatePiece> pieces) {
        Map<String, List<Integer>> devices = new LinkedHashMap<>();
        for (int i = 0; i < pieces.size(); i++) {
            devices.computeIfAbsent(pieces.get(i).device(), device -> new ArrayList<>())
                    .add(i);
        }
        return List.copyOf(devices.values());
    }

    /** How many threads there are to run; more than there are channels would only wait for each other. */
    int threads() {
        return threads;
    }

    /** A producing thread's task. */
    void run() throws InterruptedException {
        begun.await();
        RateLimiter limiter = limiters.get();
        SendJob job = empty.get();
        for (int device = nextDevice.getAndIncrement();
                device < devices.size();
                device = nextDevice.getAndIncrement()) {
            for (int piece : devices.get(device)) {
                limiter.pace();
                job.piece(piece);
                job.handedOffNanos(System.nanoTime());
                job = lanes.swap(job);
            }
        }
        done.countDown();
    }

    /** The main thread, all channels being ready and the guest standing still. */
    void begin() {
        begun.countDown();
    }

    /** The main thread: waits until all is handed over. */
    void join() throws InterruptedException {
        done.await();
    }
}
