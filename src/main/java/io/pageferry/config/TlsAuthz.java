package io.pageferry.config;

import java.util.List;

/**
 * Which clients are let in, by the distinguished name of their certificate: what QEMU's {@code authz-simple} and
 * {@code authz-list} objects are. The first rule that matches decides; a name that none matches is refused. Immutable.
 */
public final class TlsAuthz {
    private static final TlsAuthz ANYBODY = new TlsAuthz(List.of());
    private static final String DENY = "deny:";
    private static final String GLOB = "glob:";

    private record Rule(String text, String name, boolean glob, boolean allow) {
        boolean matches(String other) {
            return glob ? new Glob(name).matches(other) : name.equals(other);
        }
    }

    private final List<Rule> rules;

    private TlsAuthz(List<Rule> rules) {
        this.rules = rules;
    }

    /** No rules, no question. */
    public static TlsAuthz allowAll() {
        return ANYBODY;
    }

    /**
     * Reads rules.
     *
     * @param rules each a distinguished name as it stands in the certificate, such as {@code CN=laptop,O=Home}; with
     *     {@code glob:} before it a pattern in which {@code *} stands for any characters and {@code ?} for one; with
     *     {@code deny:} before that, those who are not let in
     */
    public static TlsAuthz of(List<String> rules) {
        return rules.isEmpty()
                ? ANYBODY
                : new TlsAuthz(rules.stream().map(TlsAuthz::rule).toList());
    }

    public boolean isEmpty() {
        return rules.isEmpty();
    }

    /** Whether somebody of this name is let in. */
    public boolean allows(String name) {
        for (Rule rule : rules) {
            if (rule.matches(name)) {
                return rule.allow;
            }
        }
        return rules.isEmpty();
    }

    private static Rule rule(String text) {
        boolean deny = text.startsWith(DENY);
        String rest = deny ? text.substring(DENY.length()) : text;
        boolean glob = rest.startsWith(GLOB);
        String name = glob ? rest.substring(GLOB.length()) : rest;
        if (name.isBlank()) {
            throw new ConfigException("tls-authz must be [deny:][glob:]NAME: value=" + text);
        }
        return new Rule(text, name, glob, !deny);
    }

    @Override
    public String toString() {
        return rules.stream().map(Rule::text).toList().toString();
    }
}
