package io.pageferry.cli;

import io.pageferry.config.ConfigException;
import io.pageferry.control.http.HttpEndpoint;
import io.pageferry.control.http.HttpSettings;
import io.pageferry.control.http.HttpView;
import io.pageferry.control.http.Token;
import io.pageferry.net.NetException;
import io.pageferry.net.tls.ServerCertificate;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Options of who is watched over HTTP. */
final class HttpOptions {
    @Option(
            names = "--http",
            paramLabel = "HOST:PORT",
            description = "Serve a page to watch, /metrics for Prometheus, /healthz, /readyz, and /api/migrations and"
                    + " /api/images as JSON (port 0: any free one)."
                    + " An address that is not of loopback must be with --http-token-file and"
                    + " --http-tls-creds.")
    private String address;

    @Option(
            names = "--http-token-file",
            paramLabel = "FILE",
            description =
                    "A file with the token that clients must show (Authorization: Bearer TOKEN). Without one nothing"
                            + " can be changed over HTTP.")
    private Path tokenFile;

    @Option(
            names = "--http-tls-creds",
            paramLabel = "DIR",
            description = "Serve HTTPS, with the certificate of a folder as of --tls-creds. Clients need none.")
    private Path creds;

    /** Begins to serve where that was asked for; null where it was not. */
    HttpEndpoint start(HttpView view) throws IOException {
        if (address == null) {
            if (tokenFile != null || creds != null) {
                throw new ConfigException("--http-token-file and --http-tls-creds must be with --http");
            }
            return null;
        }
        return HttpEndpoint.start(
                HttpSettings.of(
                        HttpSettings.parseAddress(address),
                        Optional.ofNullable(tokenFile).map(Token::read),
                        creds == null ? Optional.empty() : Optional.of(ServerCertificate.load(creds))),
                view);
    }

    /**
     * Reads the files of {@code --http-tls-creds} again, for clients that connect from now on.
     *
     * @param endpoint as {@link #start} has made it
     * @throws NetException where they are missing or wrong; what was read before stays in use
     */
    void reload(HttpEndpoint endpoint) throws NetException {
        if (creds != null) {
            endpoint.use(ServerCertificate.load(creds));
        }
    }
}
