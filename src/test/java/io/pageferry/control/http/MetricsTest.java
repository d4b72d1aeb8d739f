package io.pageferry.control.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.metrics.Latencies;
import io.pageferry.metrics.MigrationStats;
import io.pageferry.session.registry.MigrationEntry;
import io.pageferry.testing.Eventually;
import io.pageferry.testing.LeakFree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What Prometheus is told, read as strictly as its format is written. */
@LeakFree
@Timeout(60)
class MetricsTest {
    private static final long RAM = 16 << 20;
    private static final Path DASHBOARD = Path.of("src/packaging/grafana/pageferry.json");
    private static final Pattern NAME = Pattern.compile("pageferry_[a-z0-9_]+");

    @Test
    void shouldTellOfOneMigrationAndOfAllWhatItsCountersSay() throws Exception {
        try (HttpFixture house = HttpFixture.open()) {
            MigrationEntry source = house.migrate(RAM, 0, 0);
            house.awaitEnd();
            MigrationStats stats = source.progress().stats();
            Exposition told = scrape(house);
            assertEquals(
                    stats.transferredBytes(),
                    told.value("pageferry_ram_transferred_bytes_total{direction=\"outgoing\"}"));
            String one = "{migration=\"" + source.id() + "\"";
            assertEquals(
                    stats.transferredBytes(),
                    told.value("pageferry_migration_ram_transferred_bytes_total" + one + "}"));
            assertEquals(RAM, told.value("pageferry_migration_ram_size_bytes" + one + "}"));
            assertEquals(1, told.value("pageferry_migration_status" + one + ",status=\"completed\"}"));
            assertEquals(
                    stats.latencies().histogram(Latencies.Kind.PACKET_WRITE).getTotalCount(),
                    told.value("pageferry_migration_latency_seconds_count{kind=\"packet-write\"," + one.substring(1)
                            + "}"));
            assertEquals(
                    stats.channel(1).multifdBytes.get(),
                    told.value(
                            "pageferry_migration_channel_multifd_bytes_total{channel=\"1\"," + one.substring(1) + "}"));
            assertEquals(1, told.value("pageferry_migrations_total{direction=\"outgoing\",status=\"completed\"}"));
            assertEquals(1, told.value("pageferry_images"));
        }
    }

    @Test
    void shouldNotLetSumsFallWhenTheRegistryForgets() throws Exception {
        try (HttpFixture house = HttpFixture.open()) {
            long sum = 0;
            for (int i = 0; i < 4; i++) {
                MigrationEntry source = house.migrate(RAM, 0, 0);
                house.awaitEnd();
                sum += source.progress().stats().transferredBytes();
                if (i % 2 == 0) {
                    scrape(house); // What is scraped must not be counted again, and what is not must not be missed.
                }
            }
            assertEquals(4, house.migrations.list().size());
            Exposition told = scrape(house);
            assertEquals(sum, told.value("pageferry_ram_transferred_bytes_total{direction=\"outgoing\"}"));
            assertEquals(4, told.value("pageferry_migrations_total{direction=\"incoming\",status=\"completed\"}"));
        }
    }

    @Test
    void shouldCountWhoWasRefused() throws Exception {
        try (HttpFixture house = HttpFixture.open()) {
            house.refusals.count("qmp-http");
            house.refusals.count("qmp-http");
            assertEquals(2, scrape(house).value("pageferry_refusals_total{reason=\"qmp-http\"}"));
        }
    }

    @Test
    void shouldKeepWhatAPeerCanWriteOutOfLabels() throws Exception {
        try (HttpFixture house = HttpFixture.open()) {
            house.migrate(RAM, 0, 0);
            house.awaitEnd();
            String text = house.get("/metrics").body();
            assertFalse(text.contains("127.0.0.1"), text);
            assertTrue(text.contains("uuid=\"" + HttpFixture.GUEST + "\""), text);
        }
    }

    @Test
    void shouldSpeakOpenMetricsWhereThatIsAskedFor() throws Exception {
        try (HttpFixture house = HttpFixture.open()) {
            var answer = house.get("/metrics", "Accept", "application/openmetrics-text; version=1.0.0");
            assertTrue(answer.headers()
                    .firstValue("Content-Type")
                    .orElseThrow()
                    .startsWith("application/openmetrics-text"));
            assertTrue(answer.body().endsWith("# EOF\n"));
        }
    }

    @Test
    void shouldHaveEveryMetricThatTheDashboardNames() throws Exception {
        Set<String> named = namesInDashboard();
        assertTrue(named.size() > 10, named.toString());
        try (HttpFixture house = HttpFixture.open()) {
            house.refusals.count("store");
            MigrationEntry live = house.migrate(RAM, RAM, RAM / 2);
            Eventually.until("a verdict", () -> live.progress().stats().precopy() != null);
            Set<String> there = new HashSet<>();
            scrape(house).series().forEach(series -> there.add(series.replaceFirst("\\{.*", "")));
            named.removeAll(there);
            assertEquals(Set.of(), named);
        }
    }

    private static Set<String> namesInDashboard() throws IOException {
        Set<String> names = new HashSet<>();
        JsonNode dashboard = JsonMapper.shared().readTree(Files.readString(DASHBOARD));
        List<String> expressions = dashboard.findValuesAsString("expr");
        assertFalse(expressions.isEmpty());
        expressions.addAll(dashboard.findValuesAsString("definition"));
        for (String expression : expressions) {
            Matcher name = NAME.matcher(expression);
            while (name.find()) {
                names.add(name.group());
            }
        }
        return names;
    }

    private static Exposition scrape(HttpFixture house) {
        return Exposition.parse(house.get("/metrics").body());
    }
}
