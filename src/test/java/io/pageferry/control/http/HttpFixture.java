package io.pageferry.control.http;

import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.control.qmp.ImageList;
import io.pageferry.control.qmp.ImageSummary;
import io.pageferry.guest.GuestShape;
import io.pageferry.guest.SyntheticGuest;
import io.pageferry.guest.SyntheticOutgoingGuest;
import io.pageferry.history.RefusalHistory;
import io.pageferry.metrics.RefusalCounters;
import io.pageferry.net.Listener;
import io.pageferry.session.IncomingMigration;
import io.pageferry.session.MemoryDestination;
import io.pageferry.session.OutgoingMigration;
import io.pageferry.session.registry.MigrationEntry;
import io.pageferry.session.registry.MigrationSubject;
import io.pageferry.session.registry.MigrationSubject.Direction;
import io.pageferry.session.registry.Migrations;
import io.pageferry.testing.StillStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * An endpoint over a registry of its own with an image in its list, and a client for it. Closing it ends its
 * migrations, too.
 */
final class HttpFixture implements AutoCloseable {
    static final String SECRET = "0123456789abcdef-secret";
    static final UUID GUEST = UUID.fromString("6f1c3f6e-54a5-4d5e-8f5e-1d2c3b4a5968");
    private static final String MACHINE = "pc-q35-10.0";
    static final ImageSummary IMAGE = new ImageSummary(
            GUEST + "/20260101T000000.000Z.img",
            1 << 20,
            Instant.parse("2026-01-01T00:00:00Z"),
            Optional.of(GUEST),
            Optional.of("web"),
            Optional.of("CN=laptop,O=Home"),
            Optional.of(MACHINE),
            "complete");

    private static final Duration DEADLINE = Duration.ofSeconds(30);
    private static final int ENDED_KEPT = 4;

    final Migrations migrations = new Migrations(10, ENDED_KEPT);
    final RefusalCounters refusals = new RefusalCounters();
    final StillStore store = new StillStore();
    final RefusalHistory refused = RefusalHistory.inMemory();
    final HttpEndpoint endpoint;
    private final HttpClient client = HttpClient.newHttpClient();

    private HttpFixture(UnaryOperator<HttpSettings> change, Optional<Token> token, int images, String machine)
            throws IOException {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        endpoint = HttpEndpoint.start(
                change.apply(HttpSettings.of(address, token, Optional.empty())),
                new HttpView(migrations, new SomeImages(images, machine), store, refusals, refused));
    }

    static HttpFixture open() throws IOException {
        return new HttpFixture(settings -> settings, Optional.empty(), 1, MACHINE);
    }

    static HttpFixture openWithToken() throws IOException {
        return new HttpFixture(settings -> settings, Optional.of(Token.of(SECRET)), 1, MACHINE);
    }

    static HttpFixture open(UnaryOperator<HttpSettings> change) throws IOException {
        return new HttpFixture(change, Optional.empty(), 1, MACHINE);
    }

    /** With many images. */
    static HttpFixture open(int images) throws IOException {
        return new HttpFixture(settings -> settings, Optional.empty(), images, MACHINE);
    }

    /** With images of which each is long to tell of. */
    static HttpFixture openLong(UnaryOperator<HttpSettings> change) throws IOException {
        return new HttpFixture(change, Optional.empty(), HttpView.MAX_IMAGES, "m".repeat(20_000));
    }

    /** The first one is {@link #IMAGE}; the others have it with a number. */
    private record SomeImages(int count, String machine) implements ImageList {
        @Override
        public List<ImageSummary> page(String after, int limit) {
            return IntStream.range(0, count)
                    .mapToObj(this::name)
                    .filter(name -> name.compareTo(after) > 0)
                    .limit(limit)
                    .map(name -> new ImageSummary(
                            name,
                            IMAGE.sizeBytes(),
                            IMAGE.begun(),
                            IMAGE.guest(),
                            IMAGE.guestName(),
                            IMAGE.owner(),
                            Optional.of(machine),
                            IMAGE.state()))
                    .toList();
        }

        private String name(int number) {
            return number == 0 ? IMAGE.name() : "%s-%05d".formatted(IMAGE.name(), number);
        }
    }

    /** Starts both ends of a migration; the one that is returned is the source. */
    MigrationEntry migrate(long ramBytes, long dirtyRate, long maxBandwidth) throws IOException {
        MigrationParameters parameters = MigrationParameters.builder()
                .multifdChannels(2)
                .maxBandwidth(maxBandwidth)
                .downtimeLimit(Duration.ofMillis(50))
                .maxRam(ramBytes)
                .build();
        SyntheticGuest guest = new SyntheticGuest(new GuestShape(ramBytes, dirtyRate, 0.25, 0.5, 1));
        MemoryDestination destination = new MemoryDestination();
        Listener listener = Listener.open(new MigrationUri.Tcp("127.0.0.1", 0), parameters.multifdChannels() + 1);
        MigrationUri uri = listener.uri();
        migrations.start(
                subject(Direction.INCOMING, uri),
                IncomingMigration.from(listener, Optional.empty(), parameters, destination),
                outcome -> destination.close());
        guest.start();
        return migrations.start(
                subject(Direction.OUTGOING, uri),
                OutgoingMigration.of(new SyntheticOutgoingGuest(guest), uri, Optional.of(GUEST), parameters),
                outcome -> guest.close());
    }

    private static MigrationSubject subject(Direction direction, MigrationUri uri) {
        return new MigrationSubject(direction, Optional.of(GUEST), uri.toString(), Optional.empty());
    }

    void awaitEnd() throws InterruptedException {
        if (!migrations.awaitNone(DEADLINE)) {
            throw new AssertionError("migrations must end in time");
        }
    }

    URI uri(String path) {
        return endpoint.uri().resolve(path);
    }

    HttpResponse<String> get(String path, String... headers) {
        return send(HttpRequest.newBuilder(uri(path)), headers);
    }

    HttpResponse<String> post(String path, String... headers) {
        return send(HttpRequest.newBuilder(uri(path)).POST(HttpRequest.BodyPublishers.noBody()), headers);
    }

    HttpResponse<String> delete(String path, String... headers) {
        return send(HttpRequest.newBuilder(uri(path)).DELETE(), headers);
    }

    private HttpResponse<String> send(HttpRequest.Builder request, String... headers) {
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            return client.send(request.timeout(DEADLINE).build(), BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    JsonNode json(String path) {
        return JsonMapper.shared().readTree(get(path).body());
    }

    @Override
    public void close() {
        client.shutdownNow();
        endpoint.close();
        migrations.close();
    }
}
