package io.pageferry.control.qmp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.TlsSettings;
import io.pageferry.testing.Eventually;
import io.pageferry.testing.LeakFree;
import io.pageferry.testing.QmpFixture;
import io.pageferry.testing.QmpLines;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** A server's monitors, with clients that talk to them over their socket. */
@LeakFree
@Timeout(60)
class QmpServerTest extends QmpServerScene {
    @Test
    void shouldSendAnImageFromOneEndpointToAnother() throws Exception {
        try (QmpLines source = client();
                QmpLines destination = client()) {
            String uri = listen(destination);
            source.obey("migrate-set-parameters", "{\"x-image\": \"" + IMAGE + "\"}");
            source.obey("migrate", "{\"uri\": \"" + uri + "\"}");
            source.eventsUntil("completed");
            destination.eventsUntil("completed");
            JsonNode sent = source.obey("query-migrate", "{}");
            assertEquals(
                    sent.path("ram").path("total"),
                    destination.obey("query-migrate", "{}").path("ram").path("total"));
            assertEquals(2, sent.path("channels").size());
            assertEquals(
                    "postmigrate",
                    source.obey("query-status", "{}").path("status").asString());
            assertEquals(2, destination.obey("x-query-images", "{}").size());
        }
    }

    @Test
    void shouldFileAGuestUnderTheUuidOfItsChannelsWhenNobodySaidIt() throws Exception {
        try (QmpLines source = client();
                QmpLines destination = client()) {
            String uri = listen(destination);
            source.obey("migrate-set-parameters", "{\"x-image\": \"" + IMAGE + "\", \"x-uuid\": \"" + GUEST + "\"}");
            source.obey("migrate", "{\"uri\": \"" + uri + "\"}");
            destination.eventsUntil("completed");
            assertEquals(
                    GUEST, destination.obey("query-uuid", "{}").path("UUID").asString());
            JsonNode image = destination.obey("x-query-images", "{}").path(0);
            assertTrue(image.path("image").asString().startsWith(GUEST + "/"), image::toString);
            assertEquals(GUEST, image.path("uuid").asString());
            JsonNode migration = destination.obey("x-query-migrations", "{}").path(0);
            assertEquals(image.path("image"), migration.path("image"), migration::toString);
        }
    }

    @Test
    void shouldWriteTheImageThatIsNamedAndSendItOn() throws Exception {
        try (QmpLines source = client();
                QmpLines destination = client();
                QmpLines next = client()) {
            destination.obey("migrate-set-parameters", "{\"x-image\": \"golden/pc.img\"}");
            String uri = listen(destination);
            source.obey("migrate-set-parameters", "{\"x-image\": \"" + IMAGE + "\"}");
            source.obey("migrate", "{\"uri\": \"" + uri + "\"}");
            destination.eventsUntil("completed");
            assertEquals(
                    "golden/pc.img",
                    destination
                            .obey("x-query-images", "{}")
                            .path(0)
                            .path("image")
                            .asString());
            destination.obey("migrate", "{\"uri\": \"" + listen(next) + "\"}");
            next.eventsUntil("completed");
            destination.eventsUntil("completed");
            refuse(
                    destination,
                    "migrate-incoming",
                    "{\"uri\": \"tcp:127.0.0.1:0\"}",
                    "image must be new to the store: image=golden/pc.img");
        }
    }

    @Test
    void shouldSendUnderTlsWithTheServersCredentials() throws Exception {
        house.close();
        Path creds = Files.createDirectory(folder.resolve("creds"));
        Files.writeString(creds.resolve("keys.psk"), "qemu:" + "0123456789abcdef".repeat(4) + "\n");
        house = QmpFixture.open(folder, TlsSettings.of(creds));
        try (QmpLines source = client();
                QmpLines destination = client()) {
            destination.obey("migrate-set-parameters", "{\"tls-creds\": \"tls0\"}");
            String uri = listen(destination);
            source.obey("migrate-set-parameters", "{\"x-image\": \"" + IMAGE + "\"}");
            source.obey("migrate", "{\"uri\": \"" + uri + "\"}");
            source.eventsUntil("failed"); // it does not speak TLS
            destination.eventsUntil("failed");
            uri = listen(destination);
            source.obey("migrate-set-parameters", "{\"tls-creds\": \"tls0\"}");
            source.obey("migrate", "{\"uri\": \"" + uri + "\"}");
            source.eventsUntil("completed");
            destination.eventsUntil("completed");
        }
    }

    @Test
    void shouldSendOnWhatHasComeIn() throws Exception {
        try (QmpLines first = client();
                QmpLines second = client();
                QmpLines third = client()) {
            String here = listen(second);
            first.obey("migrate-set-parameters", "{\"x-image\": \"" + IMAGE + "\"}");
            first.obey("migrate", "{\"uri\": \"" + here + "\"}");
            second.eventsUntil("completed");
            second.obey("migrate", "{\"uri\": \"" + listen(third) + "\"}");
            third.eventsUntil("completed");
            assertEquals(3, house.store().list().size());
        }
    }

    @Test
    void shouldLetAClientAttachToTheMigrationOfAnother() throws Exception {
        try (QmpLines owner = client();
                QmpLines guest = client()) {
            listen(owner);
            JsonNode migration = guest.obey("x-query-migrations", "{}").path(0);
            assertEquals("incoming", migration.path("direction").asString());
            assertEquals("setup", migration.path("status").asString());
            guest.obey("x-attach", "{\"id\": " + migration.path("id") + "}");
            assertEquals(
                    "setup", guest.obey("query-migrate", "{}").path("status").asString());
            guest.obey("yank", "{\"instances\": [{\"type\": \"migration\"}]}");
            for (QmpLines each : List.of(owner, guest)) {
                each.eventsUntil("failed");
                JsonNode ended = each.obey("query-migrate", "{}");
                assertEquals("failed", ended.path("status").asString());
                assertTrue(ended.path("error-desc").asString().contains("yanked"), ended::toString);
                assertEquals(0, each.obey("query-yank", "{}").size());
            }
        }
    }

    @Test
    void shouldListMigrationsPageByPage() throws Exception {
        try (QmpLines first = client();
                QmpLines second = client()) {
            listen(first);
            listen(second);
            assertEquals(2, first.obey("x-query-migrations", "{}").size());
            JsonNode page = first.obey("x-query-migrations", "{\"limit\": 1}");
            assertEquals(1, page.size());
            JsonNode next = first.obey(
                    "x-query-migrations", "{\"after\": " + page.path(0).path("id") + ", \"limit\": 7}");
            assertEquals(1, next.size());
            assertTrue(next.path(0).path("id").asInt() > page.path(0).path("id").asInt(), next::toString);
        }
    }

    @Test
    void shouldGoOnWithAMigrationWhenItsClientHasGone() throws Exception {
        try (QmpLines gone = client()) {
            listen(gone);
        }
        try (QmpLines client = client()) {
            JsonNode migration = client.obey("x-query-migrations", "{}").path(0);
            assertEquals("setup", migration.path("status").asString());
            client.obey("x-attach", "{\"id\": " + migration.path("id") + "}");
            client.obey("migrate_cancel", "{}");
            client.eventsUntil("cancelled");
            assertEquals(
                    "cancelled",
                    client.obey("query-migrate", "{}").path("status").asString());
        }
    }

    @Test
    void shouldEndTheEndpointAndItsMigrationAndNoOtherWhenToldToQuit() throws Exception {
        try (QmpLines quitter = client();
                QmpLines other = client()) {
            listen(quitter);
            listen(other);
            quitter.send("{\"execute\": \"quit\", \"id\": 7} {\"execute\": \"query-status\"}");
            assertEquals("SHUTDOWN", quitter.next().path("event").asString());
            assertEquals("{\"return\": {}, \"id\": 7}", quitter.nextLine());
            assertEquals("", quitter.nextLine());
            Eventually.until("one migration left", () -> house.migrations().running() == 1);
            assertEquals(
                    "setup", other.obey("query-migrate", "{}").path("status").asString());
        }
    }

    @Test
    void shouldNotWaitForAGuestThatHasNotComeWhenTheServerEnds() throws Exception {
        try (QmpLines client = client()) {
            listen(client);
            assertTrue(house.server().drain(Duration.ofSeconds(40)));
            client.eventsUntil("cancelled");
            JsonNode error = client.execute("migrate-incoming", "{\"uri\": \"tcp:127.0.0.1:0\"}")
                    .path("error");
            assertTrue(error.path("desc").asString().contains("end"), error::toString);
        }
    }

    @Test
    void shouldRefuseWhatComesTooLateForTheMigrationThatRuns() throws Exception {
        try (QmpLines client = client()) {
            listen(client);
            refuse(
                    client,
                    "migrate-set-parameters",
                    "{\"max-bandwidth\": 1}",
                    "There's a migration process in progress");
            refuse(
                    client,
                    "migrate-set-capabilities",
                    "{\"capabilities\": [{\"capability\": \"validate-uuid\", \"state\": true}]}",
                    "There's a migration process in progress");
            assertEquals(
                    134217728,
                    client.obey("query-migrate-parameters", "{}")
                            .path("max-bandwidth")
                            .asInt());
            client.obey(
                    "migrate-set-capabilities", "{\"capabilities\": [{\"capability\": \"events\", \"state\": false}]}");
        }
    }

    @Test
    void shouldTakeANewBandwidthForTheMigrationThatSends() throws Exception {
        try (QmpLines source = client();
                QmpLines destination = client()) {
            String uri = listen(destination);
            source.obey("migrate-set-parameters", "{\"x-image\": \"" + IMAGE + "\", \"max-bandwidth\": 1}");
            source.obey("migrate", "{\"uri\": \"" + uri + "\"}");
            source.eventsUntil("active");
            refuse(
                    source,
                    "migrate-set-parameters",
                    "{\"max-bandwidth\": 0, \"multifd-channels\": 4}",
                    "There's a migration process in progress");
            source.obey("migrate-set-parameters", "{\"max-bandwidth\": 0}");
            source.eventsUntil("completed");
        }
    }

    @Test
    void shouldMigrateOnOneConnectionWhenMultifdIsOff() throws Exception {
        String events = "{\"capabilities\": [{\"capability\": \"events\", \"state\": true}]}";
        try (QmpLines source = QmpLines.negotiated(house.monitor());
                QmpLines destination = QmpLines.negotiated(house.monitor())) {
            source.obey("migrate-set-capabilities", events);
            destination.obey("migrate-set-capabilities", events);
            String uri = listen(destination);
            source.obey("migrate-set-parameters", "{\"x-image\": \"" + IMAGE + "\"}");
            source.obey("migrate", "{\"uri\": \"" + uri + "\"}");
            source.eventsUntil("completed");
            destination.eventsUntil("completed");
            JsonNode sent = source.obey("query-migrate", "{}");
            assertEquals(0, sent.path("ram").path("multifd-bytes").asLong());
            assertEquals(0, sent.path("channels").size());
            assertEquals(2, destination.obey("x-query-images", "{}").size());
        }
    }

    @Test
    void shouldLetNobodyElseOpenItsSocket() throws Exception {
        assertEquals(
                Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE),
                Files.getPosixFilePermissions(house.monitor()));
    }

    @Test
    void shouldCloseTheClientThatIsOneTooMany() throws Exception {
        try (QmpLines _ = client();
                QmpLines _ = client();
                QmpLines _ = client();
                QmpLines last = client();
                QmpLines surplus = QmpLines.connect(house.monitor())) {
            assertEquals("", surplus.nextLine());
            assertFalse(last.obey("query-status", "{}").path("running").asBoolean());
        }
    }

    @Test
    void shouldCloseAClientThatAsksAndDoesNotRead() throws Exception {
        try (QmpLines.Deaf deaf = QmpLines.deaf(house.monitor());
                QmpLines other = client()) {
            deaf.send("{\"execute\": \"qmp_capabilities\"}");
            deaf.sendUntilClosed("{\"execute\": \"query-migrate-capabilities\"}\n", 256 << 20);
            assertEquals(
                    "prelaunch", other.obey("query-status", "{}").path("status").asString());
        }
    }
}
