package io.pageferry.perf;

import io.pageferry.guest.SyntheticGuest;
import io.pageferry.load.run.Ballast;
import io.pageferry.qemu.Qemu;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/**
 * Who takes part in a comparison in one mode: sources that stay, with the same RAM, and who takes it in. For one
 * thread.
 */
final class ModeParties implements AutoCloseable {
    private static final String ANY_PORT = "tcp:127.0.0.1:0";
    private static final long NO_LIMIT = 100_000_000_000L;
    private static final int FILLING_CHANNELS = 2;

    /** What a destination takes beside the guest's RAM. */
    private static final long SPARE_BYTES = 256L << 20;

    private final Mode mode;
    private final long ramBytes;
    private final Path folder;
    private final Path credentials;
    private final EndpointProcess sender;
    private final EndpointProcess receiver;
    private final Ballast ballast;
    private final Qemu source;

    private ModeParties(
            Mode mode, long ramBytes, Path folder, Path credentials, EndpointProcess sender, EndpointProcess receiver)
            throws IOException, InterruptedException {
        this.mode = mode;
        this.ramBytes = ramBytes;
        this.folder = folder;
        this.credentials = credentials;
        this.sender = sender;
        this.receiver = receiver;
        this.ballast = new Ballast(ramBytes + SPARE_BYTES);
        this.source = filledQemu();
    }

    static ModeParties of(
            Mode mode, long ramBytes, Path folder, Path credentials, EndpointProcess sender, EndpointProcess receiver)
            throws IOException, InterruptedException {
        return new ModeParties(mode, ramBytes, folder, credentials, sender, receiver);
    }

    /** A QEMU that has got the sender's guest. */
    private Qemu filledQemu() throws IOException, InterruptedException {
        Qemu qemu = mode.start(qemu("client"), "client", credentials).start();
        sender.fill(FILLING_CHANNELS, qemu.listen(FILLING_CHANNELS));
        qemu.awaitMigration("completed");
        return qemu;
    }

    private Qemu.Builder qemu(String endpoint) {
        String ram = SyntheticGuest.BLOCK_NAME;
        // Zeros are not written by whoever takes them in: memory that has some already must be asked for.
        boolean written = mode == Mode.ZEROS && endpoint.equals("client");
        return mode.qemu(folder)
                .machine("none,memory-backend=" + ram)
                .memory(ramBytes)
                .anonymousRam()
                .paused()
                .incoming()
                .with(
                        "-object",
                        "memory-backend-ram,id=" + ram + ",size=" + ramBytes + ",prealloc=" + (written ? "on" : "off"));
    }

    /** Moves the guest. */
    ModeRun move(Way way, int channels) throws IOException, InterruptedException {
        ballast.hold();
        if (!way.isToQemu()) {
            String uri = receiver.receive(channels);
            return move(way, channels, uri, receiver.pid(), receiver::awaitReceived);
        }
        try (Qemu target = mode.start(qemu("server"), "server", credentials).start()) {
            String uri = prepare(target, channels).migrateIncoming(ANY_PORT);
            return move(way, channels, uri, target.pid(), () -> target.awaitMigration("completed"));
        }
    }

    /** Waits until the guest is there. */
    @FunctionalInterface
    private interface Arrival {
        void await() throws IOException;
    }

    private ModeRun move(Way way, int channels, String uri, long targetPid, Arrival arrival)
            throws IOException, InterruptedException {
        CpuTime sourceCpu = CpuTime.of(way.isFromQemu() ? source.pid() : sender.pid());
        CpuTime targetCpu = CpuTime.of(targetPid);
        try (BallastRelease _ = BallastRelease.asTakenBy(targetPid, ballast)) {
            Rate rate = way.isFromQemu() ? migrate(uri, channels) : sender.send(channels, uri);
            arrival.await();
            return new ModeRun(ramBytes, rate, sourceCpu.spent(), targetCpu.spent());
        }
    }

    /** The guest has to run for a moment before a QEMU that has migrated it lets it be migrated again. */
    private Rate migrate(String uri, int channels) {
        source.resume();
        source.stop();
        prepare(source, channels).migrate(uri);
        source.awaitMigration("completed");
        JsonNode result = source.queryMigrate();
        return new Rate(
                result.at("/ram/transferred").asLong(),
                TimeUnit.MILLISECONDS.toNanos(result.at("/total-time").asLong()));
    }

    private Qemu prepare(Qemu qemu, int channels) {
        qemu.enable("multifd", "return-path").set("multifd-channels", channels).set("max-bandwidth", NO_LIMIT);
        mode.prepare(qemu);
        return qemu;
    }

    @Override
    public void close() {
        source.close();
        ballast.close();
    }
}
