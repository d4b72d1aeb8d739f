package io.pageferry.control.http;

import com.sun.net.httpserver.HttpExchange;
import io.pageferry.control.Audit;
import io.pageferry.session.registry.MigrationEntry;
import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.node.ObjectNode;

/** Finds the answer to a request. For any thread. */
final class Router {
    private static final Pattern MIGRATION = Pattern.compile("/api/migrations/(\\d{1,18})(/cancel)?");

    private static final String IMAGES = "/api/images/";

    private final Map<String, Answer> files = new LinkedHashMap<>();
    private final HttpView view;
    private final Access access;
    private final Metrics metrics;
    private final ExpositionFormatWriter openMetrics = OpenMetricsTextFormatWriter.create();
    private final ExpositionFormatWriter plainMetrics = PrometheusTextFormatWriter.create();

    Router(HttpView view, Access access) {
        this.view = view;
        this.access = access;
        this.metrics = new Metrics(view);
        files.put("/", file("index.html", "text/html; charset=utf-8"));
        files.put("/page.js", file("page.js", "text/javascript; charset=utf-8"));
        files.put("/page.css", file("page.css", "text/css; charset=utf-8"));
    }

    private static Answer file(String name, String type) {
        try (InputStream in = Router.class.getResourceAsStream(name)) {
            return new Answer.Whole(200, type, in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Answer answer(HttpExchange exchange) {
        String path = exchange.getRequestURI().getPath();
        Matcher migration = MIGRATION.matcher(path == null ? "" : path);
        boolean one = migration.matches();
        if (one && migration.group(2) != null) {
            return cancel(exchange, Long.parseLong(migration.group(1)));
        }
        if (path != null && path.startsWith(IMAGES)) {
            return remove(exchange, path.substring(IMAGES.length()));
        }
        Function<HttpExchange, Answer> route =
                one ? asked -> migration(Long.parseLong(migration.group(1))) : route(path);
        if (route == null) {
            return Answer.text(404, "there is no such thing here");
        }
        if (!exchange.getRequestMethod().matches("GET|HEAD")) {
            exchange.getResponseHeaders().set("Allow", "GET, HEAD");
            return Answer.text(405, "method must be GET or HEAD");
        }
        return isOpen(path)
                ? route.apply(exchange)
                : access.refuseToShow(exchange).orElseGet(() -> route.apply(exchange));
    }

    /** The page itself says nothing of any guest, and probes have no token. */
    private boolean isOpen(String path) {
        return files.containsKey(path) || path.equals("/healthz") || path.equals("/readyz");
    }

    private Function<HttpExchange, Answer> route(String path) {
        return switch (path) {
            case "/healthz" -> asked -> Answer.text(200, "ok");
            case "/readyz" -> asked -> ready();
            case "/metrics" -> this::metrics;
            case "/api/migrations" -> asked -> list(asked, view::migrations);
            case "/api/images" -> asked -> list(asked, view::images);
            case "/api/refusals" -> asked -> list(asked, view::refused);
            case null -> null;
            default -> files.containsKey(path) ? asked -> files.get(path) : null;
        };
    }

    private static Answer list(HttpExchange exchange, Function<Page, Iterator<ObjectNode>> elements) {
        try {
            return Answer.json(elements.apply(Page.of(exchange.getRequestURI())));
        } catch (IllegalArgumentException e) {
            return Answer.text(400, e.getMessage());
        }
    }

    private Answer ready() {
        return view.migrations().hasRoom()
                ? Answer.text(200, "ok")
                : Answer.text(503, "no more migrations: draining, or as many as max-migrations");
    }

    private Answer metrics(HttpExchange exchange) {
        String accept = exchange.getRequestHeaders().getFirst("Accept");
        ExpositionFormatWriter writer = openMetrics.accepts(accept) ? openMetrics : plainMetrics;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            writer.write(out, metrics.collect(), EscapingScheme.UNDERSCORE_ESCAPING);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // Memory does not do that.
        }
        return new Answer.Whole(200, writer.getContentType(), out.toByteArray());
    }

    private Answer migration(long id) {
        Optional<MigrationEntry> entry = view.migrations().find(id);
        if (entry.isEmpty()) {
            return noSuchMigration(id);
        }
        ObjectNode json = MigrationJson.of(entry.get());
        MigrationJson.addLatencies(json, entry.get().progress().stats().latencies());
        return Answer.json(json);
    }

    private Answer cancel(HttpExchange exchange, long id) {
        if (!exchange.getRequestMethod().equals("POST")) {
            exchange.getResponseHeaders().set("Allow", "POST");
            return Answer.text(405, "method must be POST");
        }
        Optional<Answer> refusal = access.refuseToChange(exchange);
        if (refusal.isPresent()) {
            return refusal.get();
        }
        Optional<MigrationEntry> entry = view.migrations().find(id);
        entry.ifPresent(found -> {
            Audit.ofHttp(exchange.getRemoteAddress()).cancelled(id);
            found.cancel();
        });
        return entry.isPresent() ? Answer.text(202, "it is being cancelled where it still runs") : noSuchMigration(id);
    }

    private Answer remove(HttpExchange exchange, String image) {
        if (!exchange.getRequestMethod().equals("DELETE")) {
            exchange.getResponseHeaders().set("Allow", "DELETE");
            return Answer.text(405, "method must be DELETE");
        }
        Optional<Answer> refusal = access.refuseToChange(exchange);
        if (refusal.isPresent()) {
            return refusal.get();
        }
        try {
            view.store().remove(image);
        } catch (IOException e) {
            return Answer.text(409, e.getMessage());
        }
        Audit.ofHttp(exchange.getRemoteAddress()).removed(image);
        return Answer.text(200, "it is removed");
    }

    private static Answer noSuchMigration(long id) {
        return Answer.text(404, "migration must be one that runs or has ended lately: id=" + id);
    }
}
