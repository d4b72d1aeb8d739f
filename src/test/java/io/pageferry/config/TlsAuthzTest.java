package io.pageferry.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rules on names of clients: QEMU's authz-simple and authz-list. */
class TlsAuthzTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "CN=laptop,O=Home            | CN=laptop,O=Home    | true",
                "CN=laptop,O=Home            | CN=laptop,O=Home,C=GB | false",
                "CN=lap*,O=Home              | CN=laptop,O=Home    | false",
                "CN=lap*,O=Home              | CN=lap*,O=Home      | true",
                "glob:CN=lap*,O=Home         | CN=laptop,O=Home    | true",
                "glob:CN=lap*,O=Home         | CN=laptop,O=Work    | false",
                "glob:*                      | anybody             | true",
                "glob:CN=?,O=Home            | CN=x,O=Home         | true",
                "glob:CN=?,O=Home            | CN=xy,O=Home        | false",
                "glob:CN=a.c                 | CN=abc              | false",
                "glob:*O=Home                | CN=laptop,O=Home    | true",
            })
    void shouldAllowWhenNameFitsRule(String rule, String name, boolean allowed) {
        assertEquals(allowed, TlsAuthz.of(List.of(rule)).allows(name));
    }

    @Test
    void shouldDecideByFirstRuleThatFits() {
        TlsAuthz authz = TlsAuthz.of(List.of("deny:CN=old,O=Home", "deny:glob:CN=lost*", "glob:*,O=Home"));
        assertEquals(
                List.of(false, false, true, false),
                List.of(
                        authz.allows("CN=old,O=Home"),
                        authz.allows("CN=lost-laptop,O=Home"),
                        authz.allows("CN=laptop,O=Home"),
                        authz.allows("CN=laptop,O=Work")));
    }

    @Test
    void shouldAllowAnybodyWhenThereIsNoRule() {
        assertTrue(TlsAuthz.of(List.of()).allows("CN=whoever"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "glob:", "deny:", "deny:glob: "})
    void shouldRefuseRuleWithoutName(String rule) {
        ConfigException refused = assertThrows(ConfigException.class, () -> TlsAuthz.of(List.of(rule)));
        assertEquals("tls-authz must be [deny:][glob:]NAME: value=" + rule, refused.getMessage());
    }
}
