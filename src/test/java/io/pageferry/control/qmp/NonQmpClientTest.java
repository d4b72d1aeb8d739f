package io.pageferry.control.qmp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.Eventually;
import io.pageferry.testing.LeakFree;
import io.pageferry.testing.QmpFixture;
import io.pageferry.testing.QmpLines;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Who connects to QMP and does not speak it, with commands behind what it says. */
@LeakFree
@Timeout(60)
class NonQmpClientTest {
    /** What would leave a migration behind. */
    static final String COMMANDS = "{\"execute\":\"qmp_capabilities\"}"
            + "{\"execute\":\"migrate-set-capabilities\",\"arguments\":"
            + "{\"capabilities\":[{\"capability\":\"multifd\",\"state\":true}]}}"
            + "{\"execute\":\"migrate-incoming\",\"arguments\":{\"uri\":\"tcp:127.0.0.1:0\"}}\n";

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({
        "qmp-http, 'POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\n\r\n'",
        "qmp-http, 'GET /?{} HTTP/1.1\r\nUpgrade: websocket\r\n\r\n'",
        "qmp-http, 'PATCH http://127.0.0.1/ HTTP/1.0\r\n\r\n'",
        "qmp-http, 'x-any.token!#$%&*+^_`|~ / HTTP/1.1\r\n\r\n'",
        "qmp-http, '123 / HTTP/1.1\r\n\r\n'",
        "qmp-http, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'",
        "qmp-http, '\r\n\r\nPOST / HTTP/1.1\r\n\r\n'",
        "qmp-http, 'null / HTTP/1.1\r\n\r\n'",
        "qmp-tls, '\u0016\u0003\u0001\u0002\u0000\u0001'",
        "qmp-no-json, '\u0000\u0003\u0000\u0008\u0021\u0012'",
        "qmp-no-json, '\"x\"'",
        "qmp-no-json, '[1]'",
        "qmp-no-json, 'USER\r\nPASS\r\n'",
        "qmp-no-json, '\u00ef\u00bb\u00bf'"
    })
    void shouldObeyNothingOfAClientThatDoesNotBeginWithAnObject(String reason, String head) throws Exception {
        for (String address : List.of("tcp:127.0.0.1:0", "unix:" + folder.resolve("qmp"))) {
            try (QmpFixture house = QmpFixture.open(folder, QmpSettings.of(List.of(address), Optional.empty(), false));
                    QmpLines client = connect(house, address)) {
                assertTrue(client.next().has("QMP"));
                client.send((head + COMMANDS).getBytes(StandardCharsets.ISO_8859_1));
                assertEquals(
                        "QMP input must begin with a JSON object",
                        client.next().path("error").path("desc").asString());
                assertEquals("", client.nextLine());
                assertEquals(
                        1,
                        house.refusals(reason),
                        house.server().refusalCounters().counts()::toString);
                assertEquals(List.of(), house.migrations().list());
            }
        }
    }

    @Test
    void shouldObeyNothingWhenARequestComesByteByByte() throws Exception {
        try (QmpFixture house = QmpFixture.open(folder);
                QmpLines client = QmpLines.connect(house.monitor())) {
            client.next();
            client.send(" ");
            client.send("P");
            assertTrue(client.next().has("error"));
            assertEquals("", client.nextLine());
            assertEquals(List.of(), house.migrations().list());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " \t\r\n", "\n\n"})
    void shouldObeyAClientThatBeginsWithBlanks(String blanks) throws Exception {
        try (QmpFixture house = QmpFixture.open(folder);
                QmpLines client = QmpLines.connect(house.monitor())) {
            client.next();
            client.send(blanks);
            client.send("{\"execute\": \"qmp_capabilities\"}");
            assertTrue(client.next().has("return"));
        }
    }

    /** As QEMU does: the byte is none of JSON, and what is behind it is. */
    @Test
    void shouldObeyAClientThatBeginsWithTheByteThatEndsWhatCameBefore() throws Exception {
        try (QmpFixture house = QmpFixture.open(folder);
                QmpLines client = QmpLines.connect(house.monitor())) {
            client.next();
            client.send(new byte[] {(byte) 0xff});
            client.send("{\"execute\": \"qmp_capabilities\"}");
            JsonNode first = client.next();
            assertTrue(first.path("error").path("desc").asString().startsWith("JSON parse error"), first::toString);
            assertTrue(client.next().has("return"));
        }
    }

    @Test
    void shouldCountClientsThatAreTooMany() throws Exception {
        try (QmpFixture house = QmpFixture.open(
                        folder,
                        QmpSettings.of(List.of("tcp:127.0.0.1:0"), Optional.empty(), false)
                                .withMaxClients(1));
                QmpLines first = QmpLines.connect("127.0.0.1", house.port())) {
            first.next();
            try (QmpLines second = QmpLines.connect("127.0.0.1", house.port())) {
                assertEquals("", second.nextLine());
                Eventually.until("its refusal", () -> house.refusals("qmp-max-clients") == 1);
            }
        }
    }

    private static QmpLines connect(QmpFixture house, String address) throws IOException {
        return address.startsWith("tcp")
                ? QmpLines.connect("127.0.0.1", house.port())
                : QmpLines.connect(house.monitor());
    }
}
