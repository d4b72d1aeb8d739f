package io.pageferry.control.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.Eventually;
import io.pageferry.testing.LeakFree;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Clients that do not keep to the rules, over plain sockets. */
@LeakFree
@Timeout(60)
class HostileClientTest {
    private static final int READ_TIMEOUT_MILLIS = 30_000;
    private static final int LITTLE = 4096;
    private static final String EVENTS = "GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n";

    @Test
    void shouldSendEventsOneAfterTheOther() throws Exception {
        try (HttpFixture house = HttpFixture.open();
                Socket client = connect(house);
                BufferedReader in = reader(client)) {
            write(client, EVENTS);
            assertEquals("HTTP/1.1 200 OK", in.readLine());
            List<String> ids = new ArrayList<>();
            String image = "";
            while (ids.size() < 2) {
                String line = in.readLine();
                if (line.startsWith("id: ")) {
                    ids.add(line);
                } else if (line.startsWith("data: ")) {
                    image = line;
                }
            }
            assertEquals(List.of("id: 1", "id: 2"), ids);
            assertTrue(image.contains(HttpFixture.IMAGE.name()), image);
        }
    }

    @Test
    void shouldForgetAWatcherThatHasLeft() throws Exception {
        try (HttpFixture house = HttpFixture.open()) {
            try (Socket client = connect(house)) {
                write(client, EVENTS);
                awaitWatchers(house, 1);
            }
            awaitWatchers(house, 0);
        }
    }

    @Test
    void shouldDropAWatcherThatDoesNotRead() throws Exception {
        try (HttpFixture house = HttpFixture.openLong(settings -> settings.withWriteTimeout(Duration.ofMillis(200)));
                Socket client = connect(house)) {
            write(client, EVENTS);
            awaitWatchers(house, 1);
            awaitWatchers(house, 0);
        }
    }

    @Test
    void shouldDropAClientThatDoesNotReadAListToItsEnd() throws Exception {
        try (HttpFixture house = HttpFixture.openLong(settings -> settings.withWriteTimeout(Duration.ofMillis(200)));
                Socket client = connect(house)) {
            write(client, "GET /api/images HTTP/1.1\r\nHost: localhost\r\n\r\n");
            Eventually.until("its end", () -> isReset(client));
            assertEquals(200, house.get("/healthz").statusCode());
            assertTrue(readAll(client) < HttpView.MAX_IMAGES * 20_000, "all of it came");
        }
    }

    /** Whether the other end has closed it, with something unread. */
    private static boolean isReset(Socket client) {
        try {
            write(client, "x");
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    /** Whatever there still is, until the end or a reset. */
    private static long readAll(Socket client) throws IOException {
        long bytes = 0;
        try {
            for (int read = 0; read >= 0; read = client.getInputStream().read(new byte[1 << 16])) {
                bytes += read;
            }
        } catch (SocketException e) {
            // Cut off.
        }
        return bytes;
    }

    @Test
    void shouldSendWatchersNoMoreThanSomeHoweverManyImagesThereAre() throws Exception {
        try (HttpFixture house = HttpFixture.open(20_001);
                HttpClient client = HttpClient.newHttpClient();
                BufferedReader in = events(client, house)) {
            String line = in.readLine();
            while (!line.startsWith("data: ")) {
                line = in.readLine();
            }
            JsonNode event = JsonMapper.shared().readTree(line.substring("data: ".length()));
            assertEquals(HttpView.MAX_IMAGES, event.path("images").size());
            assertEquals(20_001, event.path("images-total").asInt());
            assertTrue(line.length() < 300 * HttpView.MAX_IMAGES, "length=" + line.length());
        }
    }

    private static BufferedReader events(HttpClient client, HttpFixture house) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(house.uri("/api/events")).build();
        return new BufferedReader(new InputStreamReader(
                client.send(request, BodyHandlers.ofInputStream()).body(), StandardCharsets.UTF_8));
    }

    @Test
    void shouldRefuseAWatcherTooMany() throws Exception {
        try (HttpFixture house = HttpFixture.open(settings -> settings.withMaxWatchers(1));
                Socket first = connect(house);
                Socket second = connect(house)) {
            write(first, EVENTS);
            awaitWatchers(house, 1);
            write(second, EVENTS);
            assertEquals("HTTP/1.1 503 Service Unavailable", reader(second).readLine());
        }
    }

    @Test
    void shouldHideEverythingFromAPageThatHadItsNamePointHere() throws Exception {
        assertEquals("HTTP/1.1 403 Forbidden", answerTo("GET /api/images HTTP/1.1\r\nHost: evil.example\r\n\r\n"));
    }

    @Test
    void shouldNotWaitForABodyThatDoesNotCome() throws Exception {
        assertEquals(
                "HTTP/1.1 403 Forbidden",
                answerTo("POST /api/migrations/1/cancel HTTP/1.1\r\nHost: localhost\r\nContent-Length:"
                        + " 1000000\r\n\r\n"));
    }

    @Test
    void shouldHangUpWhenHeadersAreTooLarge() throws Exception {
        assertRefused("GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: " + "x".repeat(64 << 10) + "\r\n\r\n");
    }

    @Test
    void shouldHangUpWhenHeadersAreTooMany() throws Exception {
        assertRefused("GET / HTTP/1.1\r\nHost: localhost\r\n" + "X-Many: x\r\n".repeat(1000) + "\r\n");
    }

    @Test
    void shouldHangUpWhenTheRequestLineIsTooLong() throws Exception {
        assertRefused("GET /?" + "x".repeat(4 << 20) + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    }

    @Test
    void shouldHangUpWhenARequestDoesNotEnd() throws Exception {
        assertRefused("GET / HTTP/1.1\r\nHost: local");
    }

    @Test
    void shouldAnswerOthersWhenManyConnectAndSayNothing() throws Exception {
        List<Socket> silent = new ArrayList<>();
        try (HttpFixture house = HttpFixture.open()) {
            for (int i = 0; i < 40; i++) {
                silent.add(connect(house));
            }
            assertEquals(200, house.get("/healthz").statusCode());
        } finally {
            for (Socket socket : silent) {
                socket.close();
            }
        }
    }

    private static String answerTo(String request) throws IOException {
        try (HttpFixture house = HttpFixture.open();
                Socket client = connect(house)) {
            write(client, request);
            return reader(client).readLine();
        }
    }

    private static void assertRefused(String request) throws IOException {
        String answer;
        try {
            answer = answerTo(request);
        } catch (SocketException e) {
            answer = null; // Cut off while it was still sending.
        }
        assertTrue(answer == null || answer.startsWith("HTTP/1.1 4"), answer);
    }

    private static Socket connect(HttpFixture house) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(LITTLE);
        socket.setSoTimeout(READ_TIMEOUT_MILLIS);
        socket.connect(new InetSocketAddress("127.0.0.1", house.endpoint.uri().getPort()));
        return socket;
    }

    private static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static BufferedReader reader(Socket socket) throws IOException {
        return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    }

    private static void awaitWatchers(HttpFixture house, int count) {
        Eventually.until(count + " watchers", () -> house.endpoint.watchers() == count);
    }
}
