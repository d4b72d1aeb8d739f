package io.pageferry.control.qmp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;
import io.pageferry.testing.Browser;
import io.pageferry.testing.Eventually;
import io.pageferry.testing.QmpFixture;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A page from elsewhere that has its visitor's browser talk to QMP. */
@Timeout(120)
class QmpBrowserTest {
    /** What a page does to {@code at}, with {@code body} where it has one. */
    private static final String PAGE = """
            <!doctype html><title>elsewhere</title><script>
            const body = %s;
            const form = (to, type) => {
              const f = document.createElement("form"), i = document.createElement("textarea");
              i.name = "x"; i.value = body; f.append(i);
              f.method = "POST"; f.action = to; f.enctype = type; f.target = "frame";
              document.body.append(f); f.submit();
            };
            </script><body><iframe name="frame"></iframe></body>""";

    @TempDir
    Path folder;

    @BeforeEach
    void requireBrowser() {
        if (!Browser.isRequired()) {
            assumeTrue(
                    Browser.find().isPresent(),
                    "chromium must be there for pages to be tested: " + Browser.REQUIRE_VARIABLE
                            + "=1 makes that a failure");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "fetch(at, {method: 'POST', mode: 'no-cors', body})",
                "fetch(at, {method: 'X-ANY', mode: 'cors', body})",
                "navigator.sendBeacon(at, body)",
                "form(at, 'text/plain')",
                "form(at, 'multipart/form-data')",
                "new WebSocket(at.replace('http', 'ws'))"
            })
    void shouldObeyNothingOfWhatAPageSends(String attack) throws Exception {
        attack("http", attack, "qmp-http");
    }

    @Test
    void shouldObeyNothingOfWhatAPageSendsUnderTls() throws Exception {
        attack("https", "fetch(at, {method: 'POST', mode: 'no-cors', body})", "qmp-tls");
    }

    private void attack(String scheme, String attack, String reason) throws Exception {
        HttpServer elsewhere = serve(PAGE.formatted(javaScript(NonQmpClientTest.COMMANDS)));
        try (QmpFixture house =
                        QmpFixture.open(folder, QmpSettings.of(List.of("tcp:127.0.0.1:0"), Optional.empty(), false));
                Browser browser = Browser.start(folder)) {
            URI page = URI.create("http://localhost:" + elsewhere.getAddress().getPort() + "/");
            browser.open(page);
            Eventually.until(
                    "page",
                    () -> browser.evaluate("document.readyState === 'complete' && document.title === 'elsewhere'")
                            .asBoolean());
            String at = scheme + "://127.0.0.1:" + house.port() + "/";
            browser.evaluate("{const at = '" + at + "'; " + attack + "; 0}");
            Eventually.until("its refusal", () -> house.refusals(reason) > 0);
            assertEquals(List.of(), house.migrations().list());
        } finally {
            elsewhere.stop(0);
        }
    }

    private static HttpServer serve(String page) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            byte[] bytes = page.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/html");
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        server.start();
        return server;
    }

    private static String javaScript(String text) {
        return "'" + text.replace("\n", "\\n") + "'";
    }
}
