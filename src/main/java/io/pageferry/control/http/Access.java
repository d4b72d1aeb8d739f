package io.pageferry.control.http;

import com.sun.net.httpserver.HttpExchange;
import java.util.Optional;
import java.util.Set;

/** Who may do what. For any thread. */
final class Access {
    /**
     * By these names a browser reaches this host and no other: a page from elsewhere that had its own name point here
     * would send that.
     */
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

    private volatile Optional<Token> token;

    Access(Optional<Token> token) {
        this.token = token;
    }

    /** Wants another token of all who ask from now on. */
    void replace(Token newToken) {
        token = Optional.of(newToken);
    }

    /** Whether a client sees anything; empty: it does. */
    Optional<Answer> refuseToShow(HttpExchange exchange) {
        Optional<Token> needed = token;
        if (needed.isPresent()) {
            return shows(exchange, needed.get()) ? Optional.empty() : Optional.of(tokenNeeded(exchange));
        }
        return isForLoopback(exchange)
                ? Optional.empty()
                : Optional.of(Answer.text(403, "Host must be a name of loopback where there is no token"));
    }

    /** Whether a client changes anything; empty: it does. */
    Optional<Answer> refuseToChange(HttpExchange exchange) {
        Optional<Token> needed = token;
        if (needed.isEmpty()) {
            return Optional.of(Answer.text(403, "http-token-file must be set for anything to be changed"));
        }
        return shows(exchange, needed.get()) ? Optional.empty() : Optional.of(tokenNeeded(exchange));
    }

    private static boolean shows(HttpExchange exchange, Token token) {
        return token.isIn(exchange.getRequestHeaders().getFirst("Authorization"));
    }

    private static Answer tokenNeeded(HttpExchange exchange) {
        exchange.getResponseHeaders().set("WWW-Authenticate", "Bearer realm=\"pageferry\"");
        return Answer.text(401, "the token must be shown: Authorization: Bearer TOKEN");
    }

    private static boolean isForLoopback(HttpExchange exchange) {
        String host = exchange.getRequestHeaders().getFirst("Host");
        return host != null && LOOPBACK.contains(host.replaceFirst(":\\d{1,5}$", ""));
    }
}
