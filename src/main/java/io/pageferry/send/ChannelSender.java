package io.pageferry.send;

import io.pageferry.codec.ZeroPages;
import io.pageferry.handoff.Lane;
import io.pageferry.memory.LoadedPages;
import io.pageferry.memory.LoadingPageSource;
import io.pageferry.memory.PageBatch;
import io.pageferry.memory.PageLoader;
import io.pageferry.metrics.Latencies;
import io.pageferry.metrics.Latencies.Kind;
import io.pageferry.stream.DeviceStateSource;
import java.io.IOException;
import org.HdrHistogram.Recorder;

/**
 * Does the jobs of one lane, on the channel's thread: QEMU's {@code multifd_send_thread}. Everything is made before the
 * first job; a job allocates nothing.
 */
final class ChannelSender {
    private final Lane<SendJob> lane;
    private final LoadingPageSource source;
    private final DeviceStateSource deviceState;
    private final boolean findZeroPages;
    private final Recorder handOff;
    private final Recorder packetWrite;

    // Made when the channel begins.
    private LoadedPages loaded;
    private ZeroPages finder;

    /**
     * Makes a sender.
     *
     * @param findZeroPages whether loaded pages are looked at
     */
    ChannelSender(Lane<SendJob> lane, OutgoingGuest guest, boolean findZeroPages, Latencies latencies) {
        this.lane = lane;
        this.source = guest.pages();
        this.deviceState = guest.deviceStateBesideRam();
        this.findZeroPages = findZeroPages;
        this.handOff = latencies.recorder(Kind.HAND_OFF);
        this.packetWrite = latencies.recorder(Kind.PACKET_WRITE);
    }

    /** Works until the main thread says that there is no more. */
    void run(BatchOutput output, int slots) throws IOException, InterruptedException {
        loaded = new LoadedPages(slots);
        finder = new ZeroPages(slots);
        try (PageLoader reader = source.openReader()) {
            while (true) {
                if (lane.isIdle()) {
                    output.pause();
                }
                switch (lane.await()) {
                    case JOB -> {
                        SendJob job = lane.job();
                        Latencies.record(handOff, System.nanoTime() - job.handedOffNanos());
                        if (job.isDeviceState()) {
                            long start = System.nanoTime();
                            output.send(deviceState, job.piece());
                            Latencies.record(packetWrite, System.nanoTime() - start);
                        } else {
                            sendBatches(job, reader, output);
                        }
                        lane.jobDone();
                    }
                    case SYNC -> {
                        output.sync(lane.syncRequest());
                        lane.syncDone();
                    }
                    case END -> {
                        output.pause();
                        return;
                    }
                }
            }
        }
    }

    private void sendBatches(SendJob job, PageLoader reader, BatchOutput output)
            throws IOException, InterruptedException {
        long start = System.nanoTime();
        for (int i = 0; i < job.batches(); i++) {
            sendPages(job.batch(i), reader, output);
            long end = System.nanoTime();
            Latencies.record(packetWrite, end - start);
            start = end;
        }
    }

    private void sendPages(PageBatch batch, PageLoader reader, BatchOutput output)
            throws IOException, InterruptedException {
        reader.load(batch, loaded);
        if (findZeroPages) {
            finder.separate(batch, loaded);
        }
        output.send(batch, loaded);
        reader.release();
    }
}
