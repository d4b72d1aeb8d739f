package io.pageferry.perf;

import io.pageferry.config.MigrationCapability;
import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.config.MultifdCompression;
import io.pageferry.config.TlsSettings;
import io.pageferry.guest.GuestShape;
import io.pageferry.guest.SyntheticGuest;
import io.pageferry.guest.SyntheticOutgoingGuest;
import io.pageferry.memory.GuestMemory;
import io.pageferry.net.Listener;
import io.pageferry.net.tls.TlsSecurity;
import io.pageferry.session.IncomingMigration;
import io.pageferry.session.MemoryDestination;
import io.pageferry.session.MigrationOutcome;
import io.pageferry.session.OutgoingMigration;
import io.pageferry.testing.Eventually;
import io.pageferry.testing.QmpLines;
import io.pageferry.testing.TlsAuthority;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * A packaged server that is being soaked, and the guests that come to it, each of which is on one way at a time. For
 * any thread.
 */
final class SoakedServer implements AutoCloseable {
    private static final int CHANNELS = 4;
    private static final int GUESTS = 24;
    private static final int IMAGES_EACH = 2;
    private static final long GUEST_BYTES = 16L << 20;
    private static final long DIRTY_RATE = 40L << 20;
    private static final Duration STALL = Duration.ofSeconds(20);
    private static final String HEAP = "256m";

    private final ServerProcess server;
    private final Path store;
    private final Path qmp;
    private final URI http;
    private final Optional<TlsSettings> tls;
    private final HttpClient client = HttpClient.newHttpClient();
    private final BlockingQueue<Guest> free = new LinkedBlockingQueue<>();
    private final List<Guest> guests = new ArrayList<>();

    /** @param runs whether it writes while it is sent, so that nobody knows its pages afterwards */
    private record Guest(UUID uuid, SyntheticGuest guest, boolean runs) {}

    private SoakedServer(ServerProcess server, Path store, Path qmp, Optional<TlsSettings> tls) {
        this.server = server;
        this.store = store;
        this.qmp = qmp;
        this.tls = tls;
        Eventually.until("HTTP", () -> server.log().contains("HTTP on "));
        this.http = URI.create(server.log()
                .lines()
                .filter(line -> line.startsWith("HTTP on "))
                .findFirst()
                .orElseThrow()
                .substring("HTTP on ".length()));
        for (int i = 0; i < GUESTS; i++) {
            boolean runs = i % 2 == 1;
            GuestShape shape = new GuestShape(GUEST_BYTES, runs ? DIRTY_RATE : 0, 0.3, 0.5, i);
            guests.add(new Guest(new UUID(7, i), new SyntheticGuest(shape), runs));
        }
        free.addAll(guests);
    }

    /**
     * Starts it.
     *
     * @param recording where its flight recording goes; its log goes beside it
     */
    static SoakedServer start(Path folder, boolean underTls, Path recording) throws IOException {
        Path store = Files.createDirectory(folder.resolve("store"));
        Path qmp = folder.resolve("qmp");
        List<String> arguments = new ArrayList<>(List.of(
                "--multifd-channels",
                "" + CHANNELS,
                "--max-migrations",
                "500",
                "--max-connections",
                "5000",
                "--stall-timeout",
                STALL.toSeconds() + "s",
                "--keep",
                "" + IMAGES_EACH,
                "--qmp",
                "unix:" + qmp,
                "--http",
                "127.0.0.1:0"));
        Optional<TlsSettings> tls = Optional.empty();
        if (underTls) {
            Path credentials = Files.createDirectory(folder.resolve("pki"));
            TlsAuthority authority = TlsAuthority.create(Files.createDirectory(folder.resolve("ca")), "soak");
            authority.server("ip:127.0.0.1").toServer(credentials);
            authority.client("CN=soak").toClient(credentials);
            authority.writeTo(credentials);
            arguments.addAll(List.of("--tls-creds", credentials.toString()));
            tls = Optional.of(TlsSettings.of(credentials));
        }
        List<String> flags = List.of("-XX:StartFlightRecording:maxsize=64m,settings=default,filename=" + recording);
        Path log = Files.createDirectories(recording.resolveSibling(folder.getFileName() + "-log"));
        return new SoakedServer(ServerProcess.start(log, store, HEAP, flags, arguments), store, qmp, tls);
    }

    ServerProcess process() {
        return server;
    }

    private MigrationParameters.Builder parameters() {
        MigrationParameters.Builder parameters = MigrationParameters.builder()
                .multifdChannels(CHANNELS)
                .enable(MigrationCapability.VALIDATE_UUID)
                .downtimeLimit(Duration.ofSeconds(5));
        tls.ifPresent(parameters::tls);
        return parameters;
    }

    /** A guest that is well. */
    void arrive() throws Exception {
        Guest guest = free.take();
        try {
            requireCompleted(send(guest, parameters().build()).run());
        } finally {
            stop(guest);
        }
    }

    private OutgoingMigration send(Guest guest, MigrationParameters parameters) {
        guest.guest.start();
        return OutgoingMigration.of(
                new SyntheticOutgoingGuest(guest.guest), server.uri(), Optional.of(guest.uuid), parameters);
    }

    private void stop(Guest guest) throws InterruptedException {
        guest.guest.stop();
        free.add(guest);
    }

    private static void requireCompleted(MigrationOutcome outcome) throws IOException {
        if (!outcome.completed()) {
            throw new IOException(
                    "migration must complete: outcome=" + outcome.status(),
                    outcome.failure().orElse(null));
        }
    }

    /** A guest whose source gives up in the middle. */
    void arriveInPart() throws Exception {
        Guest guest = free.take();
        try {
            OutgoingMigration migration =
                    send(guest, parameters().maxBandwidth(8L << 20).build());
            FutureTask<MigrationOutcome> task = new FutureTask<>(migration::run);
            Thread.ofVirtual().start(task);
            TimeUnit.MILLISECONDS.sleep(ThreadLocalRandom.current().nextLong(50, 700));
            migration.cancel();
            task.get();
        } finally {
            stop(guest);
        }
    }

    /** A guest whose packets are not what the server is set up for. */
    void arriveWrong() throws Exception {
        Guest guest = free.take();
        try {
            MigrationOutcome outcome = send(
                            guest,
                            parameters().compression(MultifdCompression.ZSTD).build())
                    .run();
            if (outcome.completed()) {
                throw new IOException("server must refuse packets that are compressed");
            }
        } finally {
            stop(guest);
        }
    }

    /** Somebody who connects and then says so many random bytes, and nothing more. */
    void sendRandomBytes(int randomBytes) throws IOException {
        MigrationUri.Tcp uri = (MigrationUri.Tcp) server.uri();
        try (SocketChannel socket = SocketChannel.open(new InetSocketAddress(uri.host(), uri.port()))) {
            byte[] bytes = new byte[randomBytes];
            ThreadLocalRandom.current().nextBytes(bytes);
            socket.write(ByteBuffer.wrap(bytes));
            while (socket.read(ByteBuffer.allocate(64)) >= 0) {
                // An alert, at most.
            }
        } catch (IOException e) {
            // Reset: what was said was not read.
        }
    }

    /** Has an image of a guest that never ran sent back, and compares its memory with the guest's. */
    void leave() throws Exception {
        Guest guest = free.take();
        try (QmpLines monitor = QmpLines.negotiated(qmp)) {
            Optional<String> image = newestImage(monitor, guest);
            if (!guest.runs && image.isPresent()) {
                takeBack(monitor, guest, image.get());
            }
        } finally {
            free.add(guest);
        }
    }

    private static Optional<String> newestImage(QmpLines monitor, Guest guest) throws IOException {
        String newest = null;
        for (JsonNode image : monitor.obey("x-query-images", "{}")) {
            String name = image.path("image").asString();
            if (image.path("uuid").asString("").equals(guest.uuid.toString())
                    && image.path("state").asString().equals("complete")
                    && (newest == null || name.compareTo(newest) > 0)) {
                newest = name;
            }
        }
        return Optional.ofNullable(newest);
    }

    private void takeBack(QmpLines monitor, Guest guest, String image) throws Exception {
        MigrationParameters parameters = parameters().build();
        try (Listener listener = Listener.open(
                        MigrationUri.parse("tcp:127.0.0.1:0"), CHANNELS + 1, TlsSecurity.ofServer(parameters.tls()));
                MemoryDestination destination = new MemoryDestination()) {
            IncomingMigration migration =
                    IncomingMigration.from(listener, Optional.of(guest.uuid), parameters, destination);
            FutureTask<MigrationOutcome> task = new FutureTask<>(migration::run);
            Thread.ofVirtual().start(task);
            monitor.obey(
                    "migrate-set-capabilities",
                    "{\"capabilities\": [{\"capability\": \"multifd\", \"state\": true}, {\"capability\":"
                            + " \"return-path\", \"state\": true}]}");
            String credentials = tls.isPresent() ? ", \"tls-creds\": \"tls0\"" : "";
            monitor.obey(
                    "migrate-set-parameters",
                    "{\"multifd-channels\": " + CHANNELS + ", \"max-bandwidth\": 0, \"x-image\": \"" + image + "\""
                            + credentials + "}");
            monitor.obey("migrate", "{\"uri\": \"" + listener.uri() + "\"}");
            requireCompleted(task.get());
            long mismatch = ram(guest.guest.memory()).mismatch(ram(destination.memory()));
            if (mismatch != -1) {
                throw new IOException(
                        "image must have the guest's pages: image=" + image + " offset=" + Long.toHexString(mismatch));
            }
        }
    }

    private static MemorySegment ram(GuestMemory memory) {
        return memory.region(memory.layout().block(0)).segment();
    }

    /** Looks at it as a monitoring system does. */
    void scrape() throws IOException, InterruptedException {
        for (String path : List.of("/metrics", "/api/migrations", "/readyz")) {
            HttpResponse<String> answer = client.send(
                    HttpRequest.newBuilder(http.resolve(path)).build(), HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw new IOException("server must answer: path=" + path + " status=" + answer.statusCode());
            }
        }
    }

    /** Waits until no migration runs, and nobody waits to become one. */
    void awaitQuiet() throws IOException {
        try (QmpLines monitor = QmpLines.negotiated(qmp)) {
            Eventually.until("no migration", () -> {
                for (JsonNode migration : monitor.obey("x-query-migrations", "{}")) {
                    if (!List.of("completed", "failed", "cancelled")
                            .contains(migration.path("status").asString())) {
                        return false;
                    }
                }
                return true;
            });
        }
    }

    /** Images in the store, all of which must be complete, and none more than are to be kept. */
    int requireOnlyWholeImages() throws IOException {
        try (Stream<Path> files = Files.walk(store)) {
            List<Path> all = files.filter(Files::isRegularFile).toList();
            long whole = all.stream()
                    .filter(file -> file.toString().endsWith(".img"))
                    .count();
            if (whole > GUESTS * IMAGES_EACH
                    || all.stream().anyMatch(file -> file.toString().endsWith(".part"))) {
                throw new IOException("store must have at most " + GUESTS * IMAGES_EACH + " images, all whole: " + all);
            }
            return (int) whole;
        }
    }

    List<Path> images() throws IOException {
        try (Stream<Path> files = Files.walk(store)) {
            return files.filter(file -> file.toString().endsWith(".img")).toList();
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        guests.forEach(guest -> guest.guest.close());
    }
}
