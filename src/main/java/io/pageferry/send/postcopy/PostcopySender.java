package io.pageferry.send.postcopy;

import io.pageferry.checkpoint.WorkingSet;
import io.pageferry.config.MigrationCapability;
import io.pageferry.config.PostcopySettings;
import io.pageferry.memory.LoadingPageSource;
import io.pageferry.memory.RamBlock;
import io.pageferry.memory.RamLayout;
import io.pageferry.metrics.MigrationStats;
import io.pageferry.net.Connection;
import io.pageferry.net.Connector;
import io.pageferry.net.NetException;
import io.pageferry.net.SocketThreads;
import io.pageferry.net.StallWatch;
import io.pageferry.send.ConnectionSink;
import io.pageferry.send.CountedSink;
import io.pageferry.send.OutgoingGuest;
import io.pageferry.send.OutgoingTransfer;
import io.pageferry.send.SendException;
import io.pageferry.stream.Configuration;
import io.pageferry.stream.StreamOutput;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/** A guest at rest goes out by postcopy. Its tasks run in one scope: {@link #runMain} and {@link #runReturnPath}. */
public final class PostcopySender implements AutoCloseable {
    /** Is told how far the migration is. Called on the main thread, unless said otherwise. */
    public interface Progress {
        /** The destination knows the guest's RAM blocks. */
        void active();

        /** Device state is about to go. */
        void switchover();

        /** The guest has run there before a break, and is to go on. */
        void recovering();

        /** The guest runs there, and its pages follow. */
        void running();

        /** The destination has said that it has all of the guest. Called on the return path's thread. */
        void handedOver();
    }

    /** Where the guest is, as far as this end can know. */
    public enum Fate {
        /** The destination has not got what it takes to run it. */
        NOT_SENT,
        /** It was sent what it takes, and has not said whether it runs it. */
        IN_DOUBT,
        /** It runs there, or waits for pages. */
        RUNNING,
        /** All of it is there. */
        HANDED_OVER
    }

    private final OutgoingTransfer transfer;
    private final OutgoingGuest guest;
    private final Connector connector;
    private final PostcopySettings settings;
    private final StallWatch watch;
    private final Progress progress;
    private final MigrationStats stats;
    private final PushWindow window;
    private final PostcopyReturnPath returnPath;
    private final PageLedger ledger;
    private final CountDownLatch connected = new CountDownLatch(1);

    // Written by the main thread before it says that it is connected.
    private StreamOutput out;
    private PageStream stream;

    /** Where requests are answered: a channel of its own, or the same. */
    private PageStream urgent;

    private final List<Connection> connections = new CopyOnWriteArrayList<>();

    private final RequestedPages requested = new RequestedPages();

    private volatile boolean packageSent;

    /**
     * Makes a sender.
     *
     * @param connector to the destination
     * @param settings how
     * @throws SendException where this guest cannot go by postcopy
     */
    public PostcopySender(
            OutgoingTransfer transfer,
            Connector connector,
            PostcopySettings settings,
            StallWatch watch,
            Progress progress)
            throws SendException {
        this.transfer = transfer;
        this.guest = transfer.guest();
        this.connector = connector;
        this.settings = settings;
        this.watch = watch;
        this.progress = progress;
        this.stats = transfer.stats();
        this.window = new PushWindow(!settings.preempt(), watch, System::nanoTime);
        this.returnPath = new PostcopyReturnPath(settings.resume(), window, watch);
        RamLayout layout = pages().layout();
        requireSendable(guest);
        this.ledger = new PageLedger(pages());
        stats.guest(layout.totalBytes(), layout.pageSizeBytes());
    }

    private static void requireSendable(OutgoingGuest guest) throws SendException {
        int pageSize = guest.pages().layout().pageSizeBytes();
        if (pageSize != PostcopyScript.HOST_PAGE_BYTES) {
            throw new SendException("guest must have pages of " + PostcopyScript.HOST_PAGE_BYTES
                    + " bytes to be sent by postcopy: page-size=" + pageSize);
        }
        if (guest.configuration().hasCapability(Configuration.IGNORE_SHARED)) {
            throw new SendException("guest must not be without the RAM of its shared blocks to be sent by postcopy: "
                    + Configuration.IGNORE_SHARED + "=on");
        }
        if (!guest.deviceStateBesideRam().pieces().isEmpty()) {
            throw new SendException("device state beside RAM must go over multifd channels, postcopy has none: pieces="
                    + guest.deviceStateBesideRam().pieces().size());
        }
    }

    private LoadingPageSource pages() {
        return guest.pages();
    }

    /** The main channel's task: comes back when the destination has said that it has all of the guest. */
    public Void runMain() throws IOException, InterruptedException {
        SocketThreads.ofThisProcess().run("mig/src/main", this::sendMain);
        return null;
    }

    private void sendMain() throws IOException, InterruptedException {
        watch.arm();
        out = connect("main channel");
        stream =
                PageStream.ofMainChannel(out, guest.ram(), guest.configuration().isPresent(), stats);
        try {
            if (settings.resume()) {
                resume();
            } else {
                start();
                returnPath.awaitRunning();
            }
            progress.running();
            push();
            end();
        } catch (NetException e) {
            throw returnPath.explain(e);
        }
        returnPath.awaitCompleted();
        for (Connection connection : connections) {
            connection.finish();
        }
    }

    private StreamOutput connect(String name) throws IOException {
        Connection connection = connector.connect(watch, name);
        connections.add(connection);
        return new StreamOutput(new CountedSink(new ConnectionSink(connection), stats));
    }

    private void start() throws IOException, InterruptedException {
        PostcopyScript script = new PostcopyScript(guest, configuration(), out);
        stream.enter();
        try {
            script.begin();
            connectUrgent();
            progress.active();
            progress.switchover();
            script.switchOver();
            packageSent = true;
            script.flush();
        } finally {
            stream.leave();
        }
    }

    /** QEMU before 8.0 takes the first connection for the main one, and does nothing before the other is there. */
    private void connectUrgent() throws IOException {
        urgent = settings.preempt() ? PageStream.ofPreemptChannel(connect("preempt channel"), stats) : stream;
        connected.countDown();
    }

    /** Goes on after a break: the destination says what it has, as what was written may not have arrived. */
    private void resume() throws IOException, InterruptedException {
        progress.recovering();
        PostcopyScript script = new PostcopyScript(guest, configuration(), out);
        stream.enter();
        try {
            connectUrgent();
            for (RamBlock block : pages().layout().blocks()) {
                if (block.lengthBytes() > 0) {
                    returnPath.received(block);
                    script.askReceived(block);
                    returnPath.awaitAnswer();
                }
            }
            returnPath.resumeFollows();
            script.resume();
        } finally {
            stream.leave();
        }
        returnPath.awaitAnswer();
    }

    /** The uuid is said where the guest's source has said it, or where it shall be. */
    private Configuration configuration() {
        Configuration said = guest.configuration();
        return said.uuid().isPresent() || transfer.parameters().has(MigrationCapability.VALIDATE_UUID)
                ? said.withUuid(transfer.uuid())
                : said;
    }

    private void push() throws IOException, InterruptedException {
        try (PagePush push = new PagePush(pages(), ledger, stream, window, transfer.limiter())) {
            push.run(guest.workingSet());
            push.run();
        }
    }

    private void end() throws IOException, InterruptedException {
        if (urgent != stream) {
            // A destination does not complete before it has this, and does not take pages behind it.
            urgent.enter();
            try {
                urgent.end();
            } finally {
                urgent.leave();
            }
        }
        stream.enter();
        try {
            ledger.requireAllSent();
            returnPath.endFollows();
            stream.end();
        } finally {
            stream.leave();
        }
    }

    /** The return path's task. */
    public Void runReturnPath() throws IOException, InterruptedException {
        Thread.currentThread().setName("mig/src/return");
        connected.await();
        SocketThreads.ofThisProcess().run("mig/src/return", this::listen);
        progress.handedOver();
        return null;
    }

    private void listen() throws IOException, InterruptedException {
        try (PageAnswers answers = new PageAnswers(pages(), ledger, urgent, requested, stats)) {
            returnPath.run(connections.getFirst(), ledger, answers);
        }
    }

    /** Of the scope: fails once the destination has stalled. */
    public Void watchForStall() throws NetException {
        return watch.watch();
    }

    /** What the guest has had to wait for. Once all tasks have ended. */
    public WorkingSet requested() {
        return requested.all();
    }

    /** Where the guest is. For any thread. */
    public Fate fate() {
        if (returnPath.isCompleted()) {
            return Fate.HANDED_OVER;
        }
        if (returnPath.isRunning() || settings.resume()) {
            return Fate.RUNNING;
        }
        return packageSent ? Fate.IN_DOUBT : Fate.NOT_SENT;
    }

    /** Closes all connections. */
    @Override
    public void close() {
        connections.forEach(Connection::close);
    }
}
