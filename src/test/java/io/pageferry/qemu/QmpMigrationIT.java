package io.pageferry.qemu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.QmpFixture;
import io.pageferry.testing.QmpLines;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * A guest goes from a QEMU into our endpoint and on to another QEMU, each driven over QMP by the same lines that drive
 * a migration from QEMU to QEMU; events and answers are compared with those of that.
 */
@RealQemu
@Timeout(180)
class QmpMigrationIT {
    private static final DirtyingGuest GUEST = DirtyingGuest.counting();
    private static final int CHANNELS = 3;

    private static final String CAPABILITIES = """
            {"capabilities": [{"capability": "events", "state": true}, {"capability": "multifd", "state": true},
                              {"capability": "return-path", "state": true}]}
            """.replace("\n", " ");

    private static final String PARAMETERS =
            "{\"multifd-channels\": " + CHANNELS + ", \"max-bandwidth\": 1000000000, \"downtime-limit\": 2000}";

    @TempDir
    Path folder;

    /** What a monitor says of a whole migration. */
    private record Story(List<JsonNode> events, JsonNode before, JsonNode after) {}

    @Test
    void shouldTellOfAWholeMigrationAsQemuDoes() throws Exception {
        Story qemusSource;
        Story qemusDestination;
        try (Qemu source = running("a");
                Qemu _ = waiting("b");
                QmpLines from = client("a");
                QmpLines to = client("b")) {
            GUEST.awaitRunning(source);
            String uri = listen(to);
            JsonNode before = to.obey("query-migrate", "{}");
            qemusSource = migrate(from, uri);
            qemusDestination = new Story(to.eventsUntil("completed"), before, to.obey("query-migrate", "{}"));
        }

        try (QmpFixture house = QmpFixture.open(folder)) {
            Story ourDestination;
            try (Qemu source = running("c");
                    QmpLines from = client("c");
                    QmpLines to = QmpLines.negotiated(house.monitor())) {
                GUEST.awaitRunning(source);
                String uri = listen(to);
                JsonNode before = to.obey("query-migrate", "{}");
                migrate(from, uri);
                ourDestination = new Story(to.eventsUntil("completed"), before, to.obey("query-migrate", "{}"));
                assertEquals(
                        from.obey("query-migrate", "{}").path("ram").path("total"),
                        ourDestination.after().path("ram").path("total"));
                assertEquals(
                        "paused", to.obey("query-status", "{}").path("status").asString());
            }
            assertEquals(states(qemusDestination), states(ourDestination));
            assertSameShape(qemusDestination.before(), ourDestination.before());
            assertEquals("completed", ourDestination.after().path("status").asString());

            Story ourSource;
            try (Qemu destination = waiting("d");
                    QmpLines to = client("d");
                    QmpLines from = QmpLines.negotiated(house.monitor())) {
                String image =
                        from.obey("x-query-images", "{}").path(0).path("image").asString();
                from.obey("migrate-set-parameters", "{\"x-image\": \"" + image + "\"}");
                ourSource = migrate(from, listen(to));
                destination.awaitMigration("completed");
                destination.awaitRunState("running");
                GUEST.awaitNextRound(destination);
                destination.stop();
                GUEST.requireConsistent(destination.ram());
            }
            assertEquals(states(qemusSource), states(ourSource));
            assertEquals(passes(ourSource), passes(ourSource).stream().sorted().toList(), "passes count up");
            assertTrue(!passes(ourSource).isEmpty(), "there is a pass");
            assertSameShape(eventOf(qemusSource, "MIGRATION"), eventOf(ourSource, "MIGRATION"));
            assertSameShape(eventOf(qemusSource, "MIGRATION_PASS"), eventOf(ourSource, "MIGRATION_PASS"));
            assertSameShape(qemusSource.after(), ourSource.after());
        }
    }

    private Qemu running(String name) throws Exception {
        return with(name).start();
    }

    private Qemu waiting(String name) throws Exception {
        return with(name).incoming().start();
    }

    private Qemu.Builder with(String name) {
        return Qemu.of(QemuVersion.V10_0, folder)
                .guest(GUEST)
                .with("-qmp", "unix:" + folder.resolve(name) + ",server=on,wait=off");
    }

    private QmpLines client(String name) throws IOException {
        return QmpLines.negotiated(folder.resolve(name));
    }

    /** Has an endpoint wait for a guest; returns where. */
    private static String listen(QmpLines to) throws IOException {
        to.obey("migrate-set-capabilities", CAPABILITIES);
        to.obey("migrate-set-parameters", PARAMETERS);
        to.send("{\"execute\": \"migrate-incoming\", \"arguments\": {\"uri\": \"tcp:127.0.0.1:0\"}}");
        JsonNode event = to.next();
        assertEquals("setup", event.path("data").path("status").asString(), event::toString);
        JsonNode answer = to.next();
        assertTrue(answer.has("return"), answer::toString);
        JsonNode address = to.obey("query-migrate", "{}").path("socket-address").path(0);
        return "tcp:" + address.path("host").asString() + ":"
                + address.path("port").asString();
    }

    /** Has an endpoint send its guest, and waits until it has. */
    private static Story migrate(QmpLines from, String uri) throws IOException {
        from.obey("migrate-set-capabilities", CAPABILITIES);
        from.obey("migrate-set-parameters", PARAMETERS);
        from.send("{\"execute\": \"migrate\", \"arguments\": {\"uri\": \"" + uri + "\"}}");
        List<JsonNode> events = from.eventsUntil("completed");
        return new Story(events, null, from.obey("query-migrate", "{}"));
    }

    /** The states that it was told of after the command's own, which is in another place. */
    private static List<String> states(Story story) {
        return data(story, "MIGRATION").stream()
                .map(data -> data.path("status").asString())
                .filter(state -> !state.equals("setup"))
                .toList();
    }

    private static List<Long> passes(Story story) {
        return data(story, "MIGRATION_PASS").stream()
                .map(data -> data.path("pass").asLong())
                .toList();
    }

    private static List<JsonNode> data(Story story, String event) {
        List<JsonNode> data = new ArrayList<>();
        for (JsonNode one : story.events()) {
            if (one.path("event").asString().equals(event)) {
                data.add(one.path("data"));
            }
        }
        return data;
    }

    private static JsonNode eventOf(Story story, String event) {
        return story.events().stream()
                .filter(one -> one.path("event").asString().equals(event))
                .findFirst()
                .orElseThrow();
    }

    private static void assertSameShape(JsonNode qemus, JsonNode ours) {
        assertTrue(
                QmpConversationIT.sameShape(qemus, ours),
                () -> "missing in ours: " + missing(qemus, ours) + "\nQEMU " + qemus + "\nours " + ours);
    }

    private static TreeSet<String> missing(JsonNode qemus, JsonNode ours) {
        TreeSet<String> names = new TreeSet<>(qemus.propertyNames());
        names.removeAll(ours.propertyNames());
        return names;
    }
}
