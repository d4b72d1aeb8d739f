package io.pageferry.receive;

import io.pageferry.net.Connection;
import io.pageferry.stream.Configuration;
import io.pageferry.stream.MainStreamReader;
import io.pageferry.stream.MemoryGrowth;
import io.pageferry.stream.RamBlockEntry;
import io.pageferry.stream.RamSectionHandler;
import io.pageferry.stream.RamSectionReader;
import io.pageferry.stream.Section;
import io.pageferry.stream.StreamException;
import io.pageferry.stream.StreamInput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Finds out whether a main channel brings its pages itself, or has multifd channels beside it: no stream says so.
 *
 * <p>A source has all its channels connected before it ends the first part of its RAM section. Where there is none by
 * the time a page comes with the main stream, there is none at all. A page that is zero says nothing: sources with
 * {@code zero-page-detection=legacy} send these through the main channel, whatever channels they have.
 *
 * <p>The stream is only looked at, as far as it has come, and stays to be read. Of one thread, as a connection's other
 * readers are.
 */
public final class MultifdProbe {
    /** Several thousand zero pages; then who still has no channel is taken to have none. */
    static final int MOST_BYTES = 64 * 1024;

    /** How much later than the main channel's bytes a channel that was connected before them may be noticed. */
    private static final Duration LATE = Duration.ofMillis(20);

    /** The same where nothing but the absence of channels says that there are none. */
    private static final Duration VERY_LATE = Duration.ofMillis(500);

    private static final Duration LEAST_PAUSE = Duration.ofMillis(1);
    private static final Duration MOST_PAUSE = Duration.ofMillis(100);

    /** Who knows of a source's channels. */
    public interface Channels {
        /** Whether a multifd channel of the source is there, or somebody who may be one. */
        boolean mayBeThere();

        /** Waits until there is one, for some time at the most. */
        void await(Duration atMost) throws InterruptedException;
    }

    /** What is known by now. */
    private enum Finding {
        /** Nothing: more has to come. */
        NOTHING,
        /** There are channels, wherever they are. */
        MULTIFD,
        /** A page has come with the stream. */
        PAGE,
        /** As much as is looked at, and no page in it, or something that nobody can read. */
        ENOUGH
    }

    private final Connection main;
    private final Lock lock;
    private int seenBytes;
    private Finding found = Finding.NOTHING; // in the stream, whose beginning does not change

    /** Looks at the main channel of a source, which has begun, and of which nothing has been read. */
    public MultifdProbe(Connection main) {
        this(main, new ReentrantLock());
    }

    /**
     * The same where somebody else may take the connection meanwhile.
     *
     * @param lock held while the connection is in use, and while it is asked whether there are channels
     */
    public MultifdProbe(Connection main, Lock lock) {
        this.main = main;
        this.lock = lock;
    }

    /** Waits until it is known, for now; who waits for the channels has the deadline. May be asked again. */
    public boolean isPlain(Channels channels) throws IOException, InterruptedException {
        Duration pause = LEAST_PAUSE;
        while (true) {
            Finding finding = lookUnlessThereAre(channels);
            switch (finding) {
                case NOTHING -> {
                    channels.await(pause);
                    pause = pause.compareTo(MOST_PAUSE) < 0 ? pause.multipliedBy(2) : MOST_PAUSE;
                }
                case MULTIFD -> {
                    return false;
                }
                case PAGE, ENOUGH -> {
                    channels.await(hasSeenPage() ? LATE : VERY_LATE);
                    return !channels.mayBeThere();
                }
            }
        }
    }

    /**
     * Waits until a page has come with the stream, whatever channels there are: then they are not its own.
     *
     * @param atMost how long; it is looked once in any case
     */
    public boolean bringsPage(Duration atMost) throws IOException, InterruptedException {
        lock.lock();
        try {
            Condition pause = lock.newCondition(); // nobody is going to signal it
            long end = System.nanoTime() + atMost.toNanos();
            while (lookOnce() == Finding.NOTHING && System.nanoTime() - end < 0) {
                pause.awaitNanos(MOST_PAUSE.toNanos());
            }
            return hasSeenPage();
        } finally {
            lock.unlock();
        }
    }

    /** Whether a page has come with the stream: otherwise only the absence of channels says that there are none. */
    public boolean hasSeenPage() {
        return found == Finding.PAGE;
    }

    /** Whether the stream says that there are channels, wherever they are. */
    public boolean hasSeenSync() {
        return found == Finding.MULTIFD;
    }

    private Finding lookUnlessThereAre(Channels channels) throws IOException {
        lock.lock();
        try {
            return channels.mayBeThere() ? Finding.MULTIFD : lookOnce();
        } finally {
            lock.unlock();
        }
    }

    private Finding lookOnce() throws IOException {
        if (found == Finding.NOTHING) {
            found = look();
        }
        return found;
    }

    private Finding look() throws IOException {
        ByteBuffer bytes = main.peekWithoutWaiting("RAM section");
        if (bytes.remaining() == seenBytes) {
            return main.hasPeerLeft() ? Finding.ENOUGH : Finding.NOTHING;
        }
        seenBytes = bytes.remaining();
        Glance glance = new Glance(bytes);
        try {
            glance.read();
        } catch (IOException e) {
            if (glance.finding == Finding.NOTHING && !glance.in.ranOut()) {
                return Finding.ENOUGH; // who reads it will say what is wrong with it
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e); // it waits for nothing
        }
        return glance.finding == Finding.NOTHING && seenBytes >= MOST_BYTES ? Finding.ENOUGH : glance.finding;
    }

    /** One look at the beginning of a stream, up to a page or to where it ends for now. */
    private static final class Glance implements MainStreamReader.Handler, RamSectionHandler {
        private final StreamInput in;
        private Finding finding = Finding.NOTHING;

        Glance(ByteBuffer bytes) {
            this.in = StreamInput.over(bytes);
        }

        void read() throws IOException, InterruptedException {
            MainStreamReader stream = new MainStreamReader(in);
            Configuration configuration = stream.readHeader();
            RamSectionReader records =
                    RamSectionReader.ofWire(in, configuration, configuration.pageSizeBytes(), Long.MAX_VALUE);
            stream.readUpToEndOfRam(records, this, MOST_BYTES, MemoryGrowth.UNLIMITED);
            finding = Finding.ENOUGH;
        }

        private StreamException found(Finding what) {
            finding = what;
            return new StreamException("seen enough");
        }

        @Override
        public RamSectionHandler ramBegins(Section ram) {
            return this;
        }

        @Override
        public void blocks(List<RamBlockEntry> blocks) {}

        @Override
        public void zeroPage(int block, long offset) {}

        @Override
        public void page(int block, long offset, StreamInput stream) throws StreamException {
            throw found(Finding.PAGE);
        }

        @Override
        public boolean takesEncodedPages() {
            return true;
        }

        @Override
        public void xbzrlePage(int block, long offset, int lengthBytes, StreamInput stream) throws StreamException {
            throw found(Finding.PAGE);
        }

        @Override
        public void compressedPage(int block, long offset, int lengthBytes, StreamInput stream) throws StreamException {
            throw found(Finding.ENOUGH); // an old source may have channels as well; without, its first page is plain
        }

        @Override
        public void multifdFlush() throws StreamException {
            throw found(Finding.MULTIFD);
        }

        @Override
        public void endOfSection() {}
    }
}
