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
import javax.net.ssl.SSLContext;
import picocli.CommandLine.Model.OptionSpec;

/** Options of who is watched over HTTP. */
final class HttpOptions {
    private final Value<String> address;
    private final Value<Path> tokenFile;
    private final Value<Path> creds;

    HttpOptions(CommandModel model) {
        address = model.add(
                Value.of(String.class),
                OptionSpec.builder("--http")
                        .paramLabel("HOST:PORT")
                        .description("Serve a page to watch, /metrics for Prometheus, /healthz, /readyz, and"
                                + " /api/migrations and /api/images as JSON (port 0: any free one). An address that"
                                + " is not of loopback must be with --http-token-file and --http-tls-creds."));
        tokenFile = model.add(
                Value.of(Path.class),
                OptionSpec.builder("--http-token-file")
                        .paramLabel("FILE")
                        .description("A file with the token that clients must show (Authorization: Bearer TOKEN)."
                                + " Without one nothing can be changed over HTTP. SIGHUP reads it again."));
        creds = model.add(
                Value.of(Path.class),
                OptionSpec.builder("--http-tls-creds")
                        .paramLabel("DIR")
                        .description(
                                "Serve HTTPS, with the certificate of a folder as of --tls-creds. Clients need none."));
    }

    /** Begins to serve where that was asked for; null where it was not. */
    HttpEndpoint start(HttpView view) throws IOException {
        if (address.get() == null) {
            if (tokenFile.get() != null || creds.get() != null) {
                throw new ConfigException("--http-token-file and --http-tls-creds must be with --http");
            }
            return null;
        }
        return HttpEndpoint.start(
                HttpSettings.of(
                        HttpSettings.parseAddress(address.get()),
                        Optional.ofNullable(tokenFile.get()).map(Token::read),
                        creds.get() == null ? Optional.empty() : Optional.of(ServerCertificate.load(creds.get()))),
                view);
    }

    /**
     * Reads the files of {@code --http-token-file} and {@code --http-tls-creds} again, for requests and clients that
     * come from now on.
     *
     * @param endpoint as {@link #start} has made it, null where there is none, and then neither file
     * @throws NetException where a certificate is missing or wrong; what was read before stays in use, the token too
     * @throws ConfigException the same of the token
     */
    void reload(HttpEndpoint endpoint) throws NetException {
        Optional<SSLContext> tls =
                creds.get() == null ? Optional.empty() : Optional.of(ServerCertificate.load(creds.get()));
        Optional<Token> token = Optional.ofNullable(tokenFile.get()).map(Token::read);
        tls.ifPresent(fresh -> endpoint.use(fresh));
        token.ifPresent(fresh -> endpoint.use(fresh));
    }
}
