package io.pageferry.control.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.pageferry.metrics.Latencies;
import io.pageferry.session.MigrationStatus;
import io.pageferry.session.registry.MigrationEntry;
import io.pageferry.testing.Eventually;
import io.pageferry.testing.LeakFree;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/** What is answered, held against guests that migrate. */
@LeakFree
@Timeout(60)
class HttpEndpointTest {
    private static final long RAM = 16 << 20;
    private static final String BEARER = "Bearer " + HttpFixture.SECRET;

    @Test
    void shouldTellOfAMigrationWhatItsCountersSay() throws Exception {
        try (HttpFixture house = HttpFixture.open()) {
            MigrationEntry source = house.migrate(RAM, 0, 0);
            house.awaitEnd();
            JsonNode one = house.json("/api/migrations/" + source.id());
            assertEquals("completed", one.path("status").asString());
            assertEquals("outgoing", one.path("direction").asString());
            assertEquals(HttpFixture.GUEST.toString(), one.path("uuid").asString());
            assertEquals(RAM, one.path("ram").path("total").asLong());
            assertEquals(
                    source.progress().stats().transferredBytes(),
                    one.path("ram").path("transferred").asLong());
            assertEquals(2, one.path("channels").size());
            assertEquals(
                    source.progress()
                            .stats()
                            .latencies()
                            .histogram(Latencies.Kind.PACKET_WRITE)
                            .getTotalCount(),
                    one.path("latencies-ns").path("packet write").path("count").asLong());
            assertEquals(2, house.json("/api/migrations").size());
        }
    }

    @Test
    void shouldTellWhyAMigrationFailed() throws Exception {
        try (HttpFixture house = HttpFixture.open()) {
            MigrationEntry source = house.migrate(RAM, 0, 1 << 20);
            awaitActive(source);
            source.yank();
            house.awaitEnd();
            assertEquals(
                    "migration must be left to go on: yanked=true",
                    house.json("/api/migrations/" + source.id())
                            .path("error-desc")
                            .asString());
        }
    }

    @Test
    void shouldListTheImages() throws Exception {
        try (HttpFixture house = HttpFixture.open()) {
            JsonNode images = house.json("/api/images");
            assertEquals(1, images.size());
            assertEquals(HttpFixture.IMAGE.name(), images.path(0).path("name").asString());
            assertEquals(
                    HttpFixture.IMAGE.sizeBytes(), images.path(0).path("size").asLong());
            assertEquals("pc-q35-10.0", images.path(0).path("machine").asString());
            assertEquals("complete", images.path(0).path("state").asString());
        }
    }

    @Test
    void shouldListImagesPageByPageAndEachOnce() throws Exception {
        try (HttpFixture house = HttpFixture.open(25)) {
            List<String> names = new ArrayList<>();
            JsonNode page = house.json("/api/images?limit=10");
            while (!page.isEmpty()) {
                page.forEach(image -> names.add(image.path("name").asString()));
                String last = URLEncoder.encode(names.getLast(), StandardCharsets.UTF_8);
                page = house.json("/api/images?after=" + last + "&limit=10");
            }
            List<String> all = new ArrayList<>();
            house.json("/api/images")
                    .forEach(image -> all.add(image.path("name").asString()));
            assertEquals(25, all.size());
            assertEquals(all, names);
        }
    }

    @Test
    void shouldListMigrationsPageByPage() throws Exception {
        try (HttpFixture house = HttpFixture.open()) {
            house.migrate(RAM, 0, 0);
            house.awaitEnd();
            assertEquals(
                    1, house.json("/api/migrations?limit=1").path(0).path("id").asInt());
            JsonNode next = house.json("/api/migrations?limit=5&after=1");
            assertEquals(1, next.size());
            assertEquals(2, next.path(0).path("id").asInt());
            assertEquals("[]", house.get("/api/migrations?after=2").body());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/images?limit=0",
                "/api/images?limit=-1",
                "/api/images?limit=x",
                "/api/images?limit=99999999999",
                "/api/migrations?after=x",
                "/api/migrations?after=99999999999999999999"
            })
    void shouldRefuseAPageThatMakesNoSense(String path) throws Exception {
        try (HttpFixture house = HttpFixture.open()) {
            assertEquals(400, house.get(path).statusCode());
        }
    }

    @Test
    void shouldBeReadyAsLongAsMigrationsAreTakenUp() throws Exception {
        try (HttpFixture house = HttpFixture.open()) {
            assertEquals(200, house.get("/readyz").statusCode());
            house.migrations.refuseNew();
            assertEquals(503, house.get("/readyz").statusCode());
            assertEquals(200, house.get("/healthz").statusCode());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/nothing", "/page.js/", "/a//b", "/api/migrations/99", "/api/migrations/-1", "/../etc/passwd"})
    void shouldSayThatSomethingIsNotThere(String path) throws Exception {
        try (HttpFixture house = HttpFixture.open()) {
            assertEquals(404, house.get(path).statusCode());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/metrics", "/api/migrations", "/healthz"})
    void shouldRefuseToPostWhereThereIsNothingToDo(String path) throws Exception {
        try (HttpFixture house = HttpFixture.openWithToken()) {
            assertEquals(405, house.post(path, "Authorization", BEARER).statusCode());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/metrics", "/api/migrations", "/api/migrations/1", "/api/images", "/api/events"})
    void shouldShowNothingWithoutTheToken(String path) throws Exception {
        try (HttpFixture house = HttpFixture.openWithToken()) {
            assertEquals(401, house.get(path).statusCode());
            assertEquals(401, house.get(path, "Authorization", BEARER + "x").statusCode());
            assertEquals(
                    401,
                    house.get(path, "Authorization", "Basic " + HttpFixture.SECRET)
                            .statusCode());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/metrics", "/api/migrations", "/api/images"})
    void shouldShowEverythingWithTheToken(String path) throws Exception {
        try (HttpFixture house = HttpFixture.openWithToken()) {
            assertEquals(200, house.get(path, "Authorization", BEARER).statusCode());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/page.js", "/page.css", "/healthz", "/readyz"})
    void shouldShowThePageAndAnswerProbesWithoutTheToken(String path) throws Exception {
        try (HttpFixture house = HttpFixture.openWithToken()) {
            HttpResponse<String> answer = house.get(path);
            assertEquals(200, answer.statusCode());
            assertFalse(answer.body().contains(HttpFixture.IMAGE.name()));
        }
    }

    @Test
    void shouldCancelAMigrationWithTheToken() throws Exception {
        try (HttpFixture house = HttpFixture.openWithToken()) {
            MigrationEntry source = house.migrate(RAM, 0, 1 << 20);
            awaitActive(source);
            String path = "/api/migrations/" + source.id() + "/cancel";
            assertEquals(202, house.post(path, "Authorization", BEARER).statusCode());
            house.awaitEnd();
            assertEquals(MigrationStatus.CANCELLED, source.progress().status());
        }
    }

    @Test
    void shouldRemoveAnImageWithTheTokenOnly() throws Exception {
        try (HttpFixture house = HttpFixture.openWithToken()) {
            assertEquals(401, house.delete("/api/images/guest/an.img").statusCode());
            assertEquals(
                    405,
                    house.get("/api/images/guest/an.img", "Authorization", BEARER)
                            .statusCode());
            assertEquals(List.of(), house.store.removed);
            assertEquals(
                    200,
                    house.delete("/api/images/guest/an.img", "Authorization", BEARER)
                            .statusCode());
            assertEquals(List.of("guest/an.img"), house.store.removed);
            HttpResponse<String> refused = house.delete("/api/images/kept/an.img", "Authorization", BEARER);
            assertEquals(409, refused.statusCode());
            assertTrue(refused.body().startsWith("image must not be removed while it is sent"), refused.body());
        }
        try (HttpFixture house = HttpFixture.open()) {
            assertEquals(403, house.delete("/api/images/guest/an.img").statusCode());
            assertEquals(List.of(), house.store.removed);
        }
    }

    @Test
    void shouldSendWatchersOnlyWhatHasChanged() throws Exception {
        try (HttpFixture house = HttpFixture.open();
                HttpClient client = HttpClient.newHttpClient();
                Stream<String> lines = client.send(
                                HttpRequest.newBuilder(house.uri("/api/events")).build(), BodyHandlers.ofLines())
                        .body()) {
            Iterator<String> all = lines.filter(line -> !line.isEmpty()).iterator();
            assertEquals("id: 1", all.next());
            String first = all.next();
            assertTrue(first.startsWith("data: ") && first.contains("\"images\""), first);
            assertEquals("id: 2", all.next());
            assertEquals(": as before", all.next());
            house.migrate(RAM, 0, 0);
            String next = all.next();
            while (!next.startsWith("data: ")) {
                next = all.next();
            }
            assertTrue(next.contains("\"migrations\"") && !next.contains("\"images\""), next);
            house.awaitEnd();
        }
    }

    @Test
    void shouldSayWhoHasCancelledAMigration() throws Exception {
        Logger logger = (Logger) LoggerFactory.getLogger("io.pageferry.audit");
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        logger.addAppender(log);
        try (HttpFixture house = HttpFixture.openWithToken()) {
            MigrationEntry source = house.migrate(RAM, 0, 1 << 20);
            awaitActive(source);
            house.post("/api/migrations/" + source.id() + "/cancel", "Authorization", BEARER);
            house.awaitEnd();
            assertEquals(1, log.list.size());
            String line = log.list.getFirst().getFormattedMessage();
            assertTrue(
                    line.matches("changed by a client: what=cancel id=" + source.id()
                            + " via=http peer=127\\.0\\.0\\.1:\\d+ identity=\"bearer token\""),
                    line);
        } finally {
            logger.detachAppender(log);
        }
    }

    @Test
    void shouldWantItsNewTokenOnly() throws Exception {
        try (HttpFixture house = HttpFixture.openWithToken()) {
            house.endpoint.use(Token.of("another-secret-of-16"));
            assertEquals(401, house.get("/api/images", "Authorization", BEARER).statusCode());
            assertEquals(
                    200,
                    house.get("/api/images", "Authorization", "Bearer another-secret-of-16")
                            .statusCode());
        }
    }

    @Test
    void shouldNotCancelAMigrationWithoutTheToken() throws Exception {
        try (HttpFixture house = HttpFixture.openWithToken()) {
            MigrationEntry source = house.migrate(RAM, 0, 1 << 20);
            awaitActive(source);
            assertEquals(
                    401,
                    house.post("/api/migrations/" + source.id() + "/cancel").statusCode());
            assertEquals(MigrationStatus.ACTIVE, source.progress().status());
        }
    }

    @Test
    void shouldCancelNothingWhereThereIsNoToken() throws Exception {
        try (HttpFixture house = HttpFixture.open()) {
            assertEquals(403, house.post("/api/migrations/1/cancel").statusCode());
        }
    }

    @Test
    void shouldNotCancelByGet() throws Exception {
        try (HttpFixture house = HttpFixture.openWithToken()) {
            assertEquals(
                    405,
                    house.get("/api/migrations/1/cancel", "Authorization", BEARER)
                            .statusCode());
        }
    }

    @Test
    void shouldForbidThePageToLoadAnythingFromElsewhere() throws Exception {
        try (HttpFixture house = HttpFixture.open()) {
            String policy = house.get("/")
                    .headers()
                    .firstValue("Content-Security-Policy")
                    .orElseThrow();
            assertTrue(policy.startsWith("default-src 'none'; script-src 'self';"), policy);
            assertFalse(policy.contains("unsafe"), policy);
        }
    }

    private static void awaitActive(MigrationEntry entry) {
        Eventually.until("active", () -> entry.progress().status() == MigrationStatus.ACTIVE);
    }
}
