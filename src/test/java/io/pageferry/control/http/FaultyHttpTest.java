package io.pageferry.control.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.control.qmp.ImageList;
import io.pageferry.control.qmp.ImageSummary;
import io.pageferry.history.RefusalHistory;
import io.pageferry.metrics.RefusalCounters;
import io.pageferry.session.registry.Migrations;
import io.pageferry.supervision.Faults;
import io.pageferry.supervision.Faults.Place;
import io.pageferry.testing.Eventually;
import io.pageferry.testing.LeakFree;
import io.pageferry.testing.StillStore;
import java.io.InputStream;
import java.lang.reflect.Field;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TimerTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Errors in a request, in what watchers are sent, and in the threads of the JDK's server. */
@LeakFree
@Timeout(60)
class FaultyHttpTest {
    private static final Duration DEADLINE = Duration.ofSeconds(30);

    private final Migrations migrations = new Migrations(10, 10);
    private final HttpClient client = HttpClient.newHttpClient();
    private volatile Error injected;
    private HttpEndpoint endpoint;

    @BeforeEach
    void open() throws Exception {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        HttpView view = new HttpView(
                migrations, new Images(), new StillStore(), new RefusalCounters(), RefusalHistory.inMemory());
        endpoint = HttpEndpoint.start(HttpSettings.of(address, Optional.empty(), Optional.empty()), view);
    }

    @AfterEach
    void close() {
        client.shutdownNow();
        endpoint.close();
        migrations.close();
    }

    private final class Images implements ImageList {
        @Override
        public List<ImageSummary> page(String after, int limit) {
            count();
            return List.of();
        }

        @Override
        public int count() {
            if (injected != null) {
                throw injected;
            }
            return 0;
        }
    }

    @Test
    void shouldAnswerTheNextRequestWhenOneMeetsAnError() throws Exception {
        long before = Faults.count(Place.HTTP);
        injected = new OutOfMemoryError("injected");
        assertEquals(500, get("/metrics").statusCode());
        injected = null;
        assertEquals(200, get("/metrics").statusCode());
        assertEquals(1, Faults.count(Place.HTTP) - before);
        String metrics = get("/metrics").body();
        assertTrue(metrics.contains("pageferry_faults_total{place=\"http\"} " + (before + 1) + ".0\n"), metrics);
    }

    @Test
    void shouldSendTheNextEventWhenOneCannotBeMade() throws Exception {
        long before = Faults.count(Place.EVENTS);
        injected = new OutOfMemoryError("injected");
        HttpRequest request =
                HttpRequest.newBuilder(uri("/api/events")).timeout(DEADLINE).build();
        try (InputStream events =
                client.send(request, BodyHandlers.ofInputStream()).body()) {
            Eventually.until("faults", () -> Faults.count(Place.EVENTS) - before >= 2);
            injected = null;
            byte[] first = events.readNBytes("id: ".length());
            assertEquals("id: ", new String(first, StandardCharsets.US_ASCII));
        }
    }

    @Test
    void shouldServeItsClientsOnWhenTheDispatcherMeetsErrors() throws Exception {
        assertEquals(200, get("/healthz").statusCode());
        long before = Faults.count(Place.HTTP);
        Object server = serverOfTheJdk();
        AtomicInteger thrown = new AtomicInteger();
        field(server, "events").set(server, new ArrayList<Object>() {
            private static final long serialVersionUID = 1L;

            @Override
            public boolean isEmpty() {
                if (thrown.incrementAndGet() <= 3) {
                    throw new OutOfMemoryError("injected");
                }
                return super.isEmpty();
            }
        });
        Eventually.until("three errors and a look without one", () -> thrown.get() > 3);
        assertEquals(3, Faults.count(Place.HTTP) - before);
        assertEquals(200, get("/healthz").statusCode());
        assertSame(server, serverOfTheJdk());
    }

    @ParameterizedTest
    @ValueSource(strings = {"timer", "timer1"})
    void shouldListenAgainWhenATimerEndsByAnError(String timer) throws Exception {
        Object server = serverOfTheJdk();
        ((java.util.Timer) field(server, timer).get(server))
                .schedule(
                        new TimerTask() {
                            @Override
                            public void run() {
                                throw new OutOfMemoryError("injected");
                            }
                        },
                        0);
        awaitAnother(server);
        assertEquals(200, get("/healthz").statusCode());
    }

    private void awaitAnother(Object server) {
        Eventually.until("another server", () -> serverOfTheJdk() != server);
    }

    private Object serverOfTheJdk() throws ReflectiveOperationException {
        Object supervised = field(endpoint, "server").get(endpoint);
        Object wrapper = field(supervised, "server").get(supervised);
        return field(wrapper, "server").get(wrapper);
    }

    private static Field field(Object owner, String name) throws ReflectiveOperationException {
        Field field = owner.getClass().getDeclaredField(name);
        field.setAccessible(true);
        return field;
    }

    private HttpResponse<String> get(String path) throws Exception {
        return client.send(HttpRequest.newBuilder(uri(path)).timeout(DEADLINE).build(), BodyHandlers.ofString());
    }

    private URI uri(String path) {
        return endpoint.uri().resolve(path);
    }
}
