package io.pageferry.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/**
 * A real Prometheus and its promtool: those of the folder {@code PAGEFERRY_PROMTOOL}. Where there is none, a test is
 * skipped, and fails with {@code PAGEFERRY_REQUIRE_PROMTOOL=1}.
 *
 * @param folder with both programs
 */
public record PrometheusTools(Path folder) {
    /** The programs, or the end of the test. */
    public static PrometheusTools require() {
        String folder = System.getenv("PAGEFERRY_PROMTOOL");
        if (folder == null) {
            assertEquals(null, System.getenv("PAGEFERRY_REQUIRE_PROMTOOL"), "PAGEFERRY_PROMTOOL must be set");
            Assumptions.abort("no Prometheus: scripts/install-promtool");
        }
        return new PrometheusTools(Path.of(folder));
    }

    /** Runs promtool, which must find no fault, and nothing to complain about. */
    public void promtool(Path work, List<String> arguments, Path input) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(folder.resolve("promtool").toString());
        command.addAll(arguments);
        Path said = Files.createTempFile(work, "promtool", ".log");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(work.toFile())
                .redirectErrorStream(true)
                .redirectOutput(said.toFile());
        if (input != null) {
            builder.redirectInput(input.toFile());
        }
        int code = builder.start().waitFor();
        assertEquals(0, code, Files.readString(said));
        if (input != null) {
            assertEquals("", Files.readString(said));
        }
    }

    /** Starts a Prometheus that asks one server each second. */
    public Running start(Path work, URI target, Path rules) throws IOException {
        Path configuration = Files.writeString(
                work.resolve("prometheus.yml"), """
                global: {scrape_interval: 1s, evaluation_interval: 1s}
                rule_files: ["%s"]
                scrape_configs:
                  - job_name: pageferry
                    static_configs: [{targets: ["%s:%d"]}]
                """.formatted(rules, target.getHost(), target.getPort()));
        int port = freePort();
        ChildProcess process = ChildProcess.start(
                "prometheus",
                work,
                List.of(
                        folder.resolve("prometheus").toString(),
                        "--config.file=" + configuration,
                        "--storage.tsdb.path=" + work.resolve("tsdb"),
                        "--web.listen-address=127.0.0.1:" + port));
        Eventually.until("Prometheus", () -> isListening(port));
        return new Running(process, URI.create("http://127.0.0.1:" + port));
    }

    /** It has no way to take any free one and say which. */
    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static boolean isListening(int port) {
        try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** A Prometheus that runs until it is closed. */
    public record Running(ChildProcess process, URI uri) implements AutoCloseable {
        @Override
        public void close() {
            process.close();
        }
    }
}
