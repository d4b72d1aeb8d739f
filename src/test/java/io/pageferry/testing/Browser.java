package io.pageferry.testing;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * One page in a headless Chromium of its own, driven over its DevTools. Of the test's thread. Closing it ends the
 * browser.
 */
public final class Browser implements AutoCloseable {
    /** Where it is 1, tests that need a browser fail without one; else they are skipped. */
    public static final String REQUIRE_VARIABLE = "PAGEFERRY_REQUIRE_BROWSER";

    private static final String PROGRAM_VARIABLE = "PAGEFERRY_CHROMIUM";

    private static final Duration DEADLINE = Duration.ofSeconds(30);
    private static final List<String> NAMES = List.of("chromium", "chromium-browser", "google-chrome");

    private final Process process;
    private final HttpClient client = HttpClient.newHttpClient();
    private final WebSocket socket;
    private final AtomicInteger lastId = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();
    private final String session;

    /** The program, where there is one: as a variable has it, or on the path. */
    public static Optional<Path> find() {
        String given = System.getenv(PROGRAM_VARIABLE);
        if (given != null) {
            return Optional.of(Path.of(given));
        }
        return Stream.of(System.getenv("PATH").split(":"))
                .flatMap(folder -> NAMES.stream().map(name -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** Whether its absence is a failure. */
    public static boolean isRequired() {
        return "1".equals(System.getenv(REQUIRE_VARIABLE));
    }

    private Browser(Process process, URI devTools) {
        this.process = process;
        socket = client.newWebSocketBuilder()
                .buildAsync(devTools, new Messages())
                .orTimeout(DEADLINE.toSeconds(), TimeUnit.SECONDS)
                .join();
        String target = send("", "Target.createTarget", object().put("url", "about:blank"))
                .path("targetId")
                .asString();
        session = send(
                        "",
                        "Target.attachToTarget",
                        object().put("targetId", target).put("flatten", true))
                .path("sessionId")
                .asString();
    }

    /** Starts one with nothing in its profile, which goes into the folder. */
    public static Browser start(Path folder) throws IOException {
        Path profile = Files.createDirectories(folder.resolve("profile"));
        Process process = new ProcessBuilder(
                        find().orElseThrow().toString(),
                        "--headless",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-dev-shm-usage",
                        "--disable-quic",
                        "--no-first-run",
                        "--disable-background-networking",
                        "--disable-component-update",
                        "--disable-sync",
                        "--ignore-certificate-errors",
                        "--user-data-dir=" + profile,
                        "--remote-debugging-port=0",
                        "about:blank")
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("chromium.log").toFile())
                .start();
        try {
            Path port = profile.resolve("DevToolsActivePort");
            Eventually.until(
                    "DevTools",
                    () -> Files.exists(port) && Files.readAllLines(port).size() >= 2);
            List<String> lines = Files.readAllLines(port);
            return new Browser(process, URI.create("ws://127.0.0.1:" + lines.get(0) + lines.get(1)));
        } catch (IOException | RuntimeException | Error e) {
            end(process);
            throw e;
        }
    }

    private final class Messages implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                JsonNode message = JsonMapper.shared().readTree(text.toString());
                text.setLength(0);
                CompletableFuture<JsonNode> answer =
                        answers.remove(message.path("id").asInt(0));
                if (answer != null) {
                    answer.complete(message);
                }
            }
            from.request(1);
            return null;
        }
    }

    private static ObjectNode object() {
        return JsonMapper.shared().createObjectNode();
    }

    private JsonNode send(String to, String method, ObjectNode parameters) {
        int id = lastId.incrementAndGet();
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        answers.put(id, answer);
        ObjectNode message = object().put("id", id).put("method", method);
        message.set("params", parameters);
        if (!to.isEmpty()) {
            message.put("sessionId", to);
        }
        socket.sendText(message.toString(), true).join();
        JsonNode all = answer.orTimeout(DEADLINE.toSeconds(), TimeUnit.SECONDS).join();
        if (all.has("error")) {
            throw new IllegalStateException(method + ": " + all.path("error"));
        }
        return all.path("result");
    }

    /** Sets how large the window is; a phone's is shown as on a phone. */
    public void resize(int width, int height, boolean phone) {
        send(
                session,
                "Emulation.setDeviceMetricsOverride",
                object().put("width", width)
                        .put("height", height)
                        .put("deviceScaleFactor", 1)
                        .put("mobile", phone));
    }

    /** {@code light} or {@code dark}. */
    public void prefer(String scheme) {
        ObjectNode parameters = object();
        parameters
                .putArray("features")
                .addObject()
                .put("name", "prefers-color-scheme")
                .put("value", scheme);
        send(session, "Emulation.setEmulatedMedia", parameters);
    }

    /** Begins to load a page. */
    public void open(URI uri) {
        send(session, "Page.navigate", object().put("url", uri.toString()));
    }

    /** The value of an expression of JavaScript. */
    public JsonNode evaluate(String expression) {
        JsonNode result = send(
                session,
                "Runtime.evaluate",
                object().put("expression", expression).put("returnByValue", true));
        if (result.has("exceptionDetails")) {
            throw new IllegalStateException(expression + ": " + result.path("exceptionDetails"));
        }
        return result.path("result").path("value");
    }

    /** What a visitor reads. */
    public String text() {
        return evaluate("document.body ? document.body.innerText : ''").asString();
    }

    /** A PNG of what is to be seen. */
    public byte[] screenshot() {
        return Base64.getDecoder()
                .decode(send(session, "Page.captureScreenshot", object().put("format", "png"))
                        .path("data")
                        .asString());
    }

    @Override
    public void close() {
        socket.abort();
        client.shutdownNow();
        end(process);
    }

    private static void end(Process process) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        try {
            process.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
