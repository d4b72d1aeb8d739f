package io.pageferry.qemu;

import java.io.IOException;
import java.nio.file.Path;

/** QEMUs whose migrations are under TLS. */
final class TlsQemus {
    private static final String ID = "tls0";

    private TlsQemus() {}

    /**
     * Gives a QEMU credentials with certificates.
     *
     * @param endpoint client or server
     * @param more properties of {@code tls-creds-x509}, each after a comma
     */
    static Qemu.Builder x509(Qemu.Builder qemu, Path folder, String endpoint, String more) {
        return qemu.with("-object", "tls-creds-x509,id=" + ID + ",dir=" + folder + ",endpoint=" + endpoint + more);
    }

    /** Gives a QEMU credentials with pre-shared keys. */
    static Qemu.Builder psk(Qemu.Builder qemu, Path folder, String endpoint, String more) {
        return qemu.with("-object", "tls-creds-psk,id=" + ID + ",dir=" + folder + ",endpoint=" + endpoint + more);
    }

    /** Starts it, with its migrations under TLS. */
    static Qemu start(Qemu.Builder qemu) throws IOException, InterruptedException {
        return qemu.start().set("tls-creds", ID);
    }

    /** GnuTLS's words for one version only. */
    static String onlyTls(String version) {
        return ",priority=NORMAL:-VERS-ALL:+VERS-TLS" + version;
    }
}
