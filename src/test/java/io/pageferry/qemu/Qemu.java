package io.pageferry.qemu;

import io.pageferry.testing.ChildProcess;
import io.pageferry.testing.Eventually;
import io.pageferry.testing.TextLog;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/**
 * A QEMU process, from its start to {@link #close}. Used by the test's thread.
 *
 * <p>Its guest's RAM can be looked at ({@link #ram}), its serial console is a file ({@link #serial}), its monitor a
 * {@link QmpClient}.
 */
public final class Qemu implements AutoCloseable {
    /**
     * Time enough for all that a guest dirties, however little of the machine QEMU gets to compress and encrypt it:
     * else it would go on for ever.
     */
    public static final int AMPLE_DOWNTIME_MILLIS = 30_000;

    private static final String SERIAL = "serial";
    private static final List<String> FINAL_STATES = List.of("completed", "failed", "cancelled");

    private final Path folder;
    private final ChildProcess process;
    private final TextLog serial;
    private final QmpClient qmp;
    private final GuestRam ram;

    private Qemu(Path folder, ChildProcess process, QmpClient qmp, GuestRam ram) {
        this.folder = folder;
        this.process = process;
        this.serial = new TextLog(folder.resolve(SERIAL));
        this.qmp = qmp;
        this.ram = ram;
    }

    /** How to start a QEMU; one that is not told otherwise has a {@code pc} with 64 MiB, and its guest running. */
    public static final class Builder {
        private static final long DEFAULT_MEMORY_BYTES = 64L << 20;

        private final String name;
        private final Function<QemuTarget, Path> commands;
        private final Path folder;
        private final List<String> wrapper = new ArrayList<>();
        private final List<String> more = new ArrayList<>();
        private QemuTarget target = QemuTarget.X86_64;
        private String machine = "pc";
        private long memoryBytes = DEFAULT_MEMORY_BYTES;
        private boolean visibleRam = true;
        private Guest guest;

        private Builder(String name, Function<QemuTarget, Path> commands, Path folder) {
            this.name = name;
            this.commands = commands;
            this.folder = folder;
        }

        public Builder target(QemuTarget value) {
            target = value;
            return this;
        }

        public Builder machine(String type) {
            machine = type;
            return this;
        }

        public Builder memory(long bytes) {
            memoryBytes = bytes;
            return this;
        }

        /**
         * Anonymous RAM, as QEMU has it where nobody asks for more: cheap when most of it is zero, and not to be looked
         * at.
         */
        public Builder anonymousRam() {
            visibleRam = false;
            return this;
        }

        public Builder guest(Guest value) {
            guest = value;
            return this;
        }

        /** Waits for a migration, which {@link Qemu#migrateIncoming} begins. */
        public Builder incoming() {
            return with("-incoming", "defer");
        }

        /** Leaves the guest stopped, at its first instruction or as it arrived. */
        public Builder paused() {
            return with("-S");
        }

        /** A command that runs the rest of the line, in place: {@code nsenter -n}, say. */
        public Builder wrapper(String... command) {
            wrapper.addAll(Arrays.asList(command));
            return this;
        }

        public Builder with(String... arguments) {
            more.addAll(Arrays.asList(arguments));
            return this;
        }

        /** Starts the QEMU and waits for its monitor. */
        public Qemu start() throws IOException, InterruptedException {
            Path own = Files.createTempDirectory(folder, "qemu");
            Path monitor = own.resolve("monitor");
            List<String> command = new ArrayList<>(wrapper);
            command.add(commands.apply(target).toString());
            command.addAll(List.of("-machine", visibleRam ? machine + ",memory-backend=" + GuestRam.BLOCK : machine));
            command.addAll(List.of("-m", memoryBytes / 1024 + "k", "-accel", "tcg", "-nodefaults", "-display", "none"));
            command.addAll(List.of("-serial", "file:" + own.resolve(SERIAL), "-qmp", "unix:" + monitor));
            if (visibleRam) {
                command.addAll(GuestRam.arguments(memoryBytes));
            }
            if (guest != null) {
                command.addAll(guest.arguments(own));
            }
            command.addAll(more);
            return start(own, monitor, command);
        }

        private Qemu start(Path own, Path monitor, List<String> command) throws IOException {
            try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
                listener.bind(UnixDomainSocketAddress.of(monitor));
                ChildProcess process = ChildProcess.start(name, own, command);
                try {
                    // QEMU connects to its monitor, and not the other way round, so there is nothing to be tried again.
                    process.onExit(() -> closeQuietly(listener));
                    QmpClient qmp = new QmpClient(listener.accept());
                    GuestRam ram = visibleRam ? GuestRam.of(process.pid(), memoryBytes) : null;
                    return new Qemu(own, process, qmp, ram);
                } catch (IOException | RuntimeException e) {
                    process.close();
                    throw new IOException("QEMU must start: " + process + " command=" + command, e);
                }
            }
        }

        private static void closeQuietly(ServerSocketChannel listener) {
            try {
                listener.close();
            } catch (IOException e) {
                // Whoever waits at it is told by the attempt.
            }
        }
    }

    /**
     * A QEMU to be started.
     *
     * @param folder where it may put files
     */
    public static Builder of(QemuVersion version, Path folder) {
        return new Builder("qemu-" + version.number(), target -> QemuInstallation.command(version, target), folder);
    }

    /** The one with the codecs of accelerators, to be started. For x86 only. */
    public static Builder withCodecs(Path folder) {
        return new Builder("qemu-codecs", QemuInstallation::commandWithCodecs, folder);
    }

    /** This QEMU's own folder, with the files that its guest brought. */
    Path folder() {
        return folder;
    }

    public long pid() {
        return process.pid();
    }

    public QmpClient qmp() {
        return qmp;
    }

    /** The guest's RAM block; a running guest changes it at any time. */
    public MemorySegment ram() {
        return ram.segment();
    }

    /** What the guest has said on its serial console. */
    public TextLog serial() {
        return serial;
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Turns migration capabilities on. */
    public Qemu enable(String... capabilities) {
        return capabilities(true, capabilities);
    }

    /** Turns migration capabilities off. */
    public Qemu disable(String... capabilities) {
        return capabilities(false, capabilities);
    }

    private Qemu capabilities(boolean state, String... capabilities) {
        List<Map<String, Object>> list = Arrays.stream(capabilities)
                .map(capability -> Map.<String, Object>of("capability", capability, "state", state))
                .toList();
        qmp.execute("migrate-set-capabilities", Map.of("capabilities", list));
        return this;
    }

    /** Sets a migration parameter. */
    public Qemu set(String parameter, Object value) {
        qmp.execute("migrate-set-parameters", Map.of(parameter, value));
        return this;
    }

    /** Begins an outgoing migration. */
    public void migrate(Object uri) {
        qmp.execute("migrate", Map.of("uri", uri.toString()));
    }

    /**
     * Lets a migration come in.
     *
     * @param uri where from; port 0 for any free one
     * @return the same with the real port
     */
    public String migrateIncoming(Object uri) {
        String asked = uri.toString();
        qmp.execute("migrate-incoming", Map.of("uri", asked));
        if (!asked.startsWith("tcp:")) {
            return asked;
        }
        JsonNode address = queryMigrate().path("socket-address").path(0);
        String host = address.path("host").asString();
        return "tcp:" + (host.contains(":") ? "[" + host + "]" : host) + ":"
                + address.path("port").asString();
    }

    /** Lets a migration come in over so many channels, at any free port; returns where. */
    public String listen(int channels) {
        return enable("multifd").set("multifd-channels", channels).migrateIncoming("tcp:127.0.0.1:0");
    }

    public JsonNode queryMigrate() {
        return qmp.execute("query-migrate");
    }

    /** Waits until an outgoing migration has a notion of its bandwidth. */
    public void awaitBandwidth() {
        Eventually.until(this + " bandwidth", () -> {
            JsonNode now = queryMigrate();
            requireNotEnded(now, "must have a bandwidth");
            return now.path("ram").path("mbps").asDouble(0) > 0;
        });
    }

    /**
     * Waits until an outgoing migration has begun so many rounds; one that ends before is an error with QEMU's reason.
     */
    public void awaitRounds(int rounds) {
        Eventually.until(this + " round " + rounds, () -> {
            JsonNode now = queryMigrate();
            if (now.path("ram").path("dirty-sync-count").asLong(0) >= rounds) {
                return true;
            }
            requireNotEnded(now, "must reach round " + rounds);
            return false;
        });
    }

    /**
     * Waits until the migration, outgoing or incoming, has this state; one that ends otherwise is an error with QEMU's
     * reason.
     */
    public void awaitMigration(String status) {
        Eventually.until(this + " migration " + status, () -> {
            JsonNode now = queryMigrate();
            if (now.path("status").asString("none").equals(status)) {
                return true;
            }
            requireNotEnded(now, "must become " + status);
            return false;
        });
    }

    private void requireNotEnded(JsonNode migration, String rule) {
        if (FINAL_STATES.contains(migration.path("status").asString("none"))) {
            throw new AssertionError("migration " + rule + ": " + migration + " " + process);
        }
    }

    /** Such as {@code running}, {@code paused}, {@code postmigrate}. */
    public String runState() {
        return qmp.execute("query-status").path("status").asString();
    }

    public void awaitRunState(String state) {
        Eventually.until(this + " " + state, () -> runState().equals(state));
    }

    public void stop() {
        qmp.execute("stop");
    }

    public void resume() {
        qmp.execute("cont");
    }

    /** Sends it a signal, such as {@code STOP}. */
    void signal(String signal) throws IOException, InterruptedException {
        process.signal(signal);
    }

    /** Ends the process as a power failure would. */
    public void kill() {
        process.kill();
    }

    /** Ends the process and waits until it is gone. */
    @Override
    public void close() {
        qmp.close();
        process.close();
        if (ram != null) {
            ram.close();
        }
    }

    @Override
    public String toString() {
        return process.toString();
    }
}
