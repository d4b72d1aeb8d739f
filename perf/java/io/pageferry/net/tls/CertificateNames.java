package io.pageferry.net.tls;

import javax.security.auth.x500.X500Principal;

/** What a TLS endpoint does with the name in a certificate. */
public final class CertificateNames {
    private CertificateNames() {}

    /**
     * The name as rules and messages have it.
     *
     * @param encoded X.501's Name in DER, as a certificate has it
     */
    public static String read(byte[] encoded) {
        return DistinguishedName.of(new X500Principal(encoded));
    }
}
