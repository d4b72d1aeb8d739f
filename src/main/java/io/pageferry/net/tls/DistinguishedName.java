package io.pageferry.net.tls;

import java.util.Map;
import java.util.stream.Collectors;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.security.auth.x500.X500Principal;

/**
 * Names of certificates' holders as QEMU (GnuTLS) writes them: {@code CN=laptop,O=Home,C=GB}, in the order that they
 * have in the certificate.
 */
final class DistinguishedName {
    /** What GnuTLS calls attributes that the JDK would give as bare numbers. */
    private static final Map<String, String> KEYWORDS = Map.of(
            "1.2.840.113549.1.9.1", "EMAIL",
            "2.5.4.4", "surName",
            "2.5.4.5", "serialNumber",
            "2.5.4.12", "title",
            "2.5.4.42", "givenName",
            "2.5.4.43", "initials",
            "2.5.4.44", "generationQualifier",
            "2.5.4.46", "dnQualifier",
            "2.5.4.65", "pseudonym");

    private DistinguishedName() {}

    static String of(X500Principal principal) {
        String backwards = principal.getName(X500Principal.RFC2253, KEYWORDS);
        try {
            // RFC 2253 begins with the last part, this class numbers from the right.
            return new LdapName(backwards)
                    .getRdns().stream().map(Object::toString).collect(Collectors.joining(","));
        } catch (InvalidNameException e) {
            return backwards;
        }
    }
}
