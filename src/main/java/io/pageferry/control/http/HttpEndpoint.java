package io.pageferry.control.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.pageferry.net.SocketAddresses;
import io.pageferry.supervision.Faults;
import io.pageferry.supervision.Faults.Place;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves HTTP at one address, each request on a virtual thread. Closing it closes all connections; migrations go on.
 * For any thread.
 */
public final class HttpEndpoint implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HttpEndpoint.class);
    private static final String EVENTS = "/api/events";
    private static final Duration EVENT_PERIOD = Duration.ofSeconds(1);

    /** Enough for a browser with a token; the JDK's own limit is 380 KiB. */
    private static final int MAX_HEADER_BYTES = 16 << 10;

    private static final int MAX_HEADERS = 64;
    private static final int MAX_REQUEST_SECONDS = 10;

    private final SupervisedServer server;
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("http-", 0).factory());
    private final EventFeed feed;
    private final Deadlines deadlines;
    private final Access access;
    private final Router router;
    private final Optional<ReplaceableContext> tls;

    private HttpEndpoint(HttpSettings settings, HttpView view) throws IOException, InterruptedException {
        tls = settings.tls().map(ReplaceableContext::new);
        feed = new EventFeed(view, EVENT_PERIOD, settings.maxWatchers());
        deadlines = new Deadlines(settings.writeTimeout());
        access = new Access(settings.token());
        router = new Router(view, access);
        try {
            server = new SupervisedServer(settings.address(), this::open);
        } catch (Throwable e) {
            closeThreads();
            throw e;
        }
    }

    /** Begins to listen. */
    public static HttpEndpoint start(HttpSettings settings, HttpView view) throws IOException {
        limit(settings);
        try {
            return new HttpEndpoint(settings, view);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException();
        } catch (IOException e) {
            throw new IOException(
                    "http must be free to listen at: value=" + settings.address() + " reason=\"" + e.getMessage()
                            + "\"",
                    e);
        }
    }

    private HttpServer open(InetSocketAddress address) throws IOException {
        HttpServer opened = tls.isPresent() ? HttpsServer.create(address, 0) : HttpServer.create(address, 0);
        tls.ifPresent(context -> ((HttpsServer) opened).setHttpsConfigurator(new HttpsConfigurator(context)));
        opened.setExecutor(exchange -> threads.execute(() -> Faults.contain(Place.HTTP, "http", exchange::run)));
        opened.createContext("/", exchange -> Faults.contain(Place.HTTP, "request", () -> handle(exchange)));
        opened.start();
        return opened;
    }

    /**
     * The JDK's server has its limits from properties, read once when its first one is made. What somebody has set
     * stays.
     */
    private static void limit(HttpSettings settings) {
        limit("sun.net.httpserver.maxReqHeaderSize", MAX_HEADER_BYTES);
        limit("sun.net.httpserver.maxReqHeaders", MAX_HEADERS);
        limit("sun.net.httpserver.maxReqTime", MAX_REQUEST_SECONDS);
        limit("jdk.httpserver.maxConnections", settings.maxConnections());
    }

    private static void limit(String property, int value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, String.valueOf(value));
        }
    }

    /** Where it listens, with the real port. */
    public URI uri() {
        InetSocketAddress address = server.address();
        String host = address.getAddress().getHostAddress();
        return URI.create((tls.isPresent() ? "https://" : "http://") + (host.indexOf(':') < 0 ? host : "[" + host + "]")
                + ":" + address.getPort() + "/");
    }

    /** Shows another certificate to those who connect from now on; only for one that serves HTTPS. */
    public void use(SSLContext tls) {
        this.tls.orElseThrow().replace(tls);
    }

    /** Wants another token of all who ask from now on; those that watch already go on to. */
    public void use(Token token) {
        access.replace(token);
    }

    /** How many have events sent to them now. */
    int watchers() {
        return feed.watchers();
    }

    private void handle(HttpExchange exchange) {
        try (exchange) {
            if (EVENTS.equals(exchange.getRequestURI().getPath())
                    && exchange.getRequestMethod().equals("GET")) {
                handleWatcher(exchange);
            } else {
                send(exchange, answer(exchange));
            }
        } catch (IOException e) {
            LOG.debug(
                    "client left: peer={} reason=\"{}\"",
                    SocketAddresses.text(exchange.getRemoteAddress()),
                    e.toString());
        }
    }

    private Answer answer(HttpExchange exchange) {
        try {
            return router.answer(exchange);
        } catch (RuntimeException | Error e) {
            Faults.note(Place.HTTP, "request for " + exchange.getRequestURI().getRawPath(), e);
            return Answer.text(500, "internal error, see the log");
        }
    }

    private void send(HttpExchange exchange, Answer answer) throws IOException {
        // A request's body is never read: closing the exchange would drain it, at the client's pace.
        exchange.getResponseHeaders().set("Connection", hasBody(exchange) ? "close" : "keep-alive");
        answer.send(exchange, deadlines);
    }

    private static boolean hasBody(HttpExchange exchange) {
        return exchange.getRequestHeaders().containsKey("Transfer-Encoding")
                || exchange.getRequestHeaders().containsKey("Content-Length");
    }

    private void handleWatcher(HttpExchange exchange) throws IOException {
        Optional<Answer> refusal = access.refuseToShow(exchange);
        long last = feed.latest();
        if (refusal.isPresent()) {
            send(exchange, refusal.get());
        } else if (!feed.join()) {
            send(exchange, Answer.text(503, "those that watch must be as many as there are seats at the most"));
        } else {
            try {
                feed(exchange, last);
            } catch (InterruptedException e) {
                // The end.
            } finally {
                feed.leave();
            }
        }
    }

    private void feed(HttpExchange exchange, long last) throws IOException, InterruptedException {
        Answer.headers(exchange, "text/event-stream; charset=utf-8");
        OutputStream out;
        try (Deadlines.Task _ = deadlines.begin()) {
            exchange.sendResponseHeaders(200, 0);
            out = exchange.getResponseBody();
            out.flush();
        }
        EventFeed.Event event = feed.awaitAfter(last);
        boolean hasTheOneBefore = false;
        while (event != null) {
            try (Deadlines.Task _ = deadlines.begin()) {
                out.write(hasTheOneBefore ? event.change() : event.whole());
                out.flush();
            }
            EventFeed.Event next = feed.awaitAfter(event.number());
            hasTheOneBefore = next != null && next.number() == event.number() + 1;
            event = next;
        }
    }

    @Override
    public void close() {
        feed.close();
        server.close();
        closeThreads();
    }

    private void closeThreads() {
        feed.close();
        threads.shutdownNow();
        threads.close();
        deadlines.close();
    }
}
