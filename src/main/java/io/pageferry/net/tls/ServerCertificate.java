package io.pageferry.net.tls;

import io.pageferry.config.TlsSettings;
import io.pageferry.net.NetException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import javax.net.ssl.SSLContext;

/**
 * TLS for a server that is no migration's, and whose clients have no certificates: what it shows is that of a folder of
 * {@code tls-creds}.
 */
public final class ServerCertificate {
    private ServerCertificate() {}

    /** Reads and checks the folder's files, as for migrations. */
    public static SSLContext load(Path creds) throws NetException {
        TlsSettings settings = TlsSettings.of(creds).withVerifyPeer(false);
        if (settings.isPsk()) {
            throw new NetException("certificates must be in the folder, not pre-shared keys: tls-creds=" + creds);
        }
        try {
            return JsseSecurity.of(X509Credentials.ofServer(settings)).newContext();
        } catch (GeneralSecurityException e) {
            throw new NetException("TLS must be there: reason=\"" + NetException.reason(e) + "\"", e);
        }
    }
}
