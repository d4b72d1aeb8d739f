package io.pageferry.control.qmp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.config.TlsSettings;
import io.pageferry.history.RefusalHistory;
import io.pageferry.metrics.MigrationListener;
import io.pageferry.session.registry.MigrationEntry;
import io.pageferry.session.registry.Migrations;
import io.pageferry.supervision.Faults;
import io.pageferry.supervision.Faults.Place;
import io.pageferry.testing.LeakFree;
import io.pageferry.testing.QmpLines;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Errors in what clients ask for. */
@LeakFree
@Timeout(60)
class FaultyHostTest {
    @TempDir
    Path folder;

    private final Migrations migrations = new Migrations(10, 10);
    private volatile boolean faulty = true;

    @Test
    void shouldServeItsClientsOnWhenACommandMeetsAnError() throws Exception {
        Path socket = folder.resolve("qmp");
        long before = Faults.count(Place.QMP);
        try (QmpServers _ = QmpServers.start(
                        QmpSettings.of(List.of("unix:" + socket), Optional.empty(), false), new Host());
                QmpLines first = QmpLines.negotiated(socket)) {
            JsonNode error = first.execute("x-query-images", "{}").path("error");
            assertEquals("GenericError", error.path("class").asString());
            assertTrue(error.path("desc").asString().startsWith("internal error: "), error::toString);
            assertEquals(1, Faults.count(Place.QMP) - before);
            faulty = false;
            assertEquals(0, first.obey("x-query-images", "{}").size());
            try (QmpLines second = QmpLines.negotiated(socket)) {
                assertEquals(0, second.obey("x-query-images", "{}").size());
            }
        } finally {
            migrations.close();
        }
    }

    private final class Host implements MigrationHost {
        @Override
        public Migrations migrations() {
            return migrations;
        }

        @Override
        public MigrationParameters.Builder parameters() {
            return MigrationParameters.builder();
        }

        @Override
        public Map<String, TlsSettings> credentials() {
            return Map.of();
        }

        @Override
        public Arrival receive(
                MigrationUri source,
                Optional<String> image,
                Optional<UUID> guest,
                MigrationParameters parameters,
                MigrationListener listener) {
            throw new StackOverflowError("injected");
        }

        @Override
        public MigrationEntry send(
                String image,
                Optional<String> owner,
                MigrationUri destination,
                Optional<UUID> guest,
                MigrationParameters parameters,
                MigrationListener listener) {
            throw new StackOverflowError("injected");
        }

        @Override
        public String nameOf(String image) {
            return image.toString();
        }

        @Override
        public RefusalHistory refused() {
            return RefusalHistory.inMemory();
        }

        @Override
        public void refuse(String reason, String from, String line) {
            throw new AssertionError(line);
        }

        @Override
        public void remove(String image) {
            throw new AssertionError(image);
        }

        @Override
        public ImageList images() {
            if (faulty) {
                throw new OutOfMemoryError("injected");
            }
            return new ImageList() {
                @Override
                public List<ImageSummary> page(String after, int limit) {
                    return List.of();
                }

                @Override
                public int count() {
                    return 0;
                }
            };
        }
    }
}
