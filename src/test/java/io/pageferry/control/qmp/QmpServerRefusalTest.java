package io.pageferry.control.qmp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.LeakFree;
import io.pageferry.testing.QmpLines;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What a server's monitors do not do: by its name, and with what to do instead. */
@LeakFree
@Timeout(60)
class QmpServerRefusalTest extends QmpServerScene {
    @Test
    void shouldRefuseCredentialsThatThereAreNot() throws Exception {
        try (QmpLines client = client()) {
            client.obey("migrate-set-parameters", "{\"tls-creds\": \"tls0\"}");
            refuse(client, "migrate-incoming", "{\"uri\": \"tcp:127.0.0.1:0\"}", "No TLS credentials with id 'tls0'");
        }
    }

    @Test
    void shouldRefuseToAttachToWhatThereIsNot() throws Exception {
        try (QmpLines client = client()) {
            JsonNode error = client.execute("x-attach", "{\"id\": 7}").path("error");
            assertEquals("DeviceNotFound", error.path("class").asString());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"postcopy-ram", "auto-converge", "pause-before-switchover", "mapped-ram-not"})
    void shouldRefuseByNameACapabilityThatThereIsNot(String name) throws Exception {
        try (QmpLines client = client()) {
            JsonNode error = client.execute(
                            "migrate-set-capabilities",
                            "{\"capabilities\": [{\"capability\": \"" + name + "\", \"state\": true}]}")
                    .path("error");
            assertTrue(error.path("desc").asString().contains("'" + name + "'"), error::toString);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"cpu-throttle-initial\": 21",
                "\"tls-authz\": \"a\"",
                "\"mode\": \"cpr-reboot\"",
                "\"block-bitmap-mapping\": []"
            })
    void shouldRefuseByNameAParameterThatThereIsNotAndChangeNothing(String parameter) throws Exception {
        try (QmpLines client = client()) {
            JsonNode before = client.obey("query-migrate-parameters", "{}");
            String name = parameter.substring(1, parameter.indexOf('"', 1));
            refuse(
                    client,
                    "migrate-set-parameters",
                    "{\"multifd-channels\": 7, " + parameter + "}",
                    "Parameter '" + name + "' is not supported by pageferry");
            assertEquals(before, client.obey("query-migrate-parameters", "{}"));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "uri": "exec:cat"                         | URI must be tcp, unix or file, exec would run a command, which\
             pageferry never does: QEMU's exec can run convert with stream:-: value=exec:cat
            "uri": "tcp:h:1,ipv4=maybe"               | error parsing address 'h:1,ipv4=maybe'
            "channels": [{"channel-type": "main", "addr": {"transport": "socket", "type": "inet",\
             "host": "h", "port": "1", "ipv4": false, "ipv6": false}}]\
             | one of ipv4 and ipv6 must be on: ipv4=off ipv6=off
            "channels": [{"channel-type": "main", "addr": {"transport": "socket", "type": "inet",\
             "host": "h", "port": "1", "to": "2"}}]\
             | Parameter 'channels[0].addr.to' expects uint64
            """)
    void shouldRefuseByNameAnAddressThatThereIsNot(String argument, String line) throws Exception {
        try (QmpLines client = client()) {
            refuse(client, "migrate-incoming", "{" + argument + "}", line);
        }
    }

    @Test
    void shouldRefuseToSendAnImageThatThereIsNot() throws Exception {
        try (QmpLines client = client()) {
            client.obey("migrate-set-parameters", "{\"x-image\": \"../qmp\"}");
            JsonNode error =
                    client.execute("migrate", "{\"uri\": \"tcp:127.0.0.1:1\"}").path("error");
            assertTrue(error.path("desc").asString().contains("../qmp"), error::toString);
            JsonNode ended = client.obey("query-migrate", "{}");
            assertEquals("failed", ended.path("status").asString());
            assertEquals(error.path("desc"), ended.path("error-desc"));
        }
    }

    @Test
    void shouldSayWhyWhenSettingsDoNotFitTheAddress() throws Exception {
        try (QmpLines client = client()) {
            client.obey(
                    "migrate-set-capabilities",
                    "{\"capabilities\": [{\"capability\": \"zero-copy-send\", \"state\": true}]}");
            client.obey("migrate-set-parameters", "{\"x-image\": \"" + IMAGE + "\"}");
            JsonNode error = client.execute("migrate", "{\"uri\": \"unix:" + folder.resolve("nobody") + "\"}")
                    .path("error");
            assertTrue(error.path("desc").asString().startsWith("zero-copy-send must"), error::toString);
        }
    }

    @Test
    void shouldSayWhyWhenTheDestinationCannotBeReached() throws Exception {
        try (QmpLines client = client()) {
            client.obey("migrate-set-parameters", "{\"x-image\": \"" + IMAGE + "\"}");
            client.obey("migrate", "{\"uri\": \"unix:" + folder.resolve("nobody") + "\"}");
            client.eventsUntil("failed");
            JsonNode ended = client.obey("query-migrate", "{}");
            assertTrue(ended.path("error-desc").asString().contains("nobody"), ended::toString);
        }
    }
}
