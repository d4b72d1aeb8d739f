package io.pageferry.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.ChildProcess;
import io.pageferry.testing.Eventually;
import io.pageferry.testing.PageferryProcess;
import io.pageferry.testing.PrometheusTools;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Metrics, alerts and the dashboard, with a real Prometheus and its promtool. */
@Timeout(120)
class PrometheusIT extends ServeScene {
    private static final String GUEST = "2f9b7b62-58d5-4a55-8f0f-3b1a3f2d9e22";
    private static final Path RULES = Path.of("src/packaging/prometheus/pageferry.rules.yml");
    private static final Path RULES_TEST = Path.of("src/test/resources/prometheus/rules-test.yml");
    private static final Path RUNBOOK = Path.of("src/site/markdown/runbook.md");
    private static final Path DASHBOARD = Path.of("src/packaging/grafana/pageferry.json");

    /** A source that replays an image has no rate at which its guest writes, and nothing that would not converge. */
    private static final Set<String> OF_LIVE_GUESTS = Set.of(
            "pageferry_migration_dirty_pages_rate",
            "pageferry_migration_expected_downtime_seconds",
            "pageferry_migration_downtime_seconds",
            "pageferry_migration_converges");

    private final PrometheusTools tools = PrometheusTools.require();

    @Test
    void shouldAnswerEveryQueryOfTheDashboardOverARealPrometheus() throws Exception {
        try (PageferryProcess server = launch.start(
                        "serve", "--listen", "tcp:127.0.0.1:0", "--store", "store", "--http", "127.0.0.1:0");
                HttpClient client = HttpClient.newHttpClient()) {
            String uri = server.awaitListening();
            URI http = awaitHttp(server);
            launch.run("send", "--uuid", GUEST, "an.img", uri).completed();

            String metrics = get(client, http.resolve("metrics"));
            Path text = Files.writeString(output.resolve("metrics.txt"), metrics);
            tools.promtool(output, List.of("check", "metrics"), text);
            for (String name : List.of(
                    "process_resident_memory_bytes",
                    "process_open_fds",
                    "jvm_memory_used_bytes",
                    "pageferry_build_info",
                    "pageferry_store_free_bytes",
                    "pageferry_images_bytes",
                    "pageferry_guest_newest_image_timestamp_seconds",
                    "pageferry_refusals_total")) {
                assertTrue(metrics.contains("\n" + name), name);
            }

            try (PrometheusTools.Running prometheus = tools.start(output, http, RULES.toAbsolutePath())) {
                Eventually.until(
                        "two scrapes",
                        () -> !results(client, prometheus.uri(), "rate(process_cpu_seconds_total[1m])")
                                .isEmpty());
                List<String> unanswered = new ArrayList<>();
                for (String query : dashboardQueries()) {
                    JsonNode answer = ask(client, prometheus.uri(), query);
                    assertEquals("success", answer.path("status").asString(), query + " " + answer);
                    if (answer.path("data").path("result").isEmpty()
                            && OF_LIVE_GUESTS.stream().noneMatch(query::contains)) {
                        unanswered.add(query);
                    }
                }
                assertEquals(List.of(), unanswered);
                JsonNode rules = JsonMapper.shared()
                        .readTree(get(client, prometheus.uri().resolve("/api/v1/rules")))
                        .path("data")
                        .path("groups")
                        .path(0)
                        .path("rules");
                assertEquals(alerts().size(), rules.size());
                rules.forEach(rule -> assertEquals("", rule.path("lastError").asString(""), rule.toString()));
            }
        }
    }

    @Test
    void shouldHaveAlertsThatComeWhenTheyShould() throws Exception {
        Path rules = Files.copy(RULES, output.resolve("pageferry.rules.yml"));
        tools.promtool(output, List.of("check", "rules", rules.toString()), null);
        Path test = Files.copy(RULES_TEST, output.resolve("rules-test.yml"));
        tools.promtool(output, List.of("test", "rules", test.toString()), null);
    }

    @Test
    void shouldSayWhatToDoAboutEachAlert() throws Exception {
        String runbook = Files.readString(RUNBOOK);
        String rules = Files.readString(RULES);
        for (String alert : alerts()) {
            assertTrue(runbook.contains("\n## " + alert + "\n"), alert);
            assertTrue(rules.contains("runbook.md#" + alert.toLowerCase(java.util.Locale.ROOT)), alert);
            assertTrue(Files.readString(RULES_TEST).contains(alert), "a test of " + alert);
        }
    }

    private static List<String> alerts() throws Exception {
        List<String> names = new ArrayList<>();
        Matcher alert = Pattern.compile("alert: (\\w+)").matcher(Files.readString(RULES));
        while (alert.find()) {
            names.add(alert.group(1));
        }
        assertTrue(names.size() > 10, names.toString());
        return names;
    }

    private static List<String> dashboardQueries() throws Exception {
        List<String> queries = new ArrayList<>();
        JsonMapper.shared()
                .readTree(DASHBOARD.toFile())
                .findValues("expr")
                .forEach(query -> queries.add(query.asString()
                        .replace("$__rate_interval", "1m")
                        .replace("$instance", ".*")
                        .replace("$migration", ".*")));
        assertTrue(queries.size() > 20, queries.toString());
        return queries;
    }

    private static JsonNode results(HttpClient client, URI prometheus, String query) {
        try {
            return ask(client, prometheus, query).path("data").path("result");
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static JsonNode ask(HttpClient client, URI prometheus, String query) throws Exception {
        String encoded = URLEncoder.encode(query, StandardCharsets.UTF_8);
        return JsonMapper.shared().readTree(get(client, prometheus.resolve("/api/v1/query?query=" + encoded)));
    }

    private static String get(HttpClient client, URI uri) throws Exception {
        return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString())
                .body();
    }

    private static URI awaitHttp(PageferryProcess server) {
        ChildProcess process = server.process();
        Eventually.until("HTTP", () -> process.stderr().text().contains("HTTP on "));
        return process.stderr().lines().stream()
                .filter(line -> line.startsWith("HTTP on "))
                .map(line -> URI.create(line.substring("HTTP on ".length())))
                .findFirst()
                .orElseThrow();
    }
}
