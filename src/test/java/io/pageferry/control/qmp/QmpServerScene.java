package io.pageferry.control.qmp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pageferry.testing.GoldenImage;
import io.pageferry.testing.QmpFixture;
import io.pageferry.testing.QmpLines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A server with an image in its store, and its monitors over their socket. */
abstract class QmpServerScene {
    static final String IMAGE = "unknown/20260101T000000.000Z.img";
    static final String GUEST = "00112233-4455-6677-8899-aabbccddeeff";
    static final String ON = "{\"capabilities\": [{\"capability\": \"multifd\", \"state\": true},"
            + " {\"capability\": \"events\", \"state\": true}]}";

    @TempDir
    Path folder;

    QmpFixture house;

    @BeforeEach
    final void openHouse() throws IOException {
        Path image = folder.resolve("store").resolve(IMAGE);
        Files.createDirectories(image.getParent());
        GoldenImage.write(image);
        house = QmpFixture.open(folder);
    }

    @AfterEach
    final void closeHouse() {
        house.close();
    }

    /** One that has turned on what a migration needs. */
    final QmpLines client() throws IOException {
        QmpLines client = QmpLines.negotiated(house.monitor());
        client.obey("migrate-set-capabilities", ON);
        return client;
    }

    static String listen(QmpLines client) throws IOException {
        client.obey("migrate-incoming", "{\"uri\": \"tcp:127.0.0.1:0\"}");
        JsonNode address =
                client.obey("query-migrate", "{}").path("socket-address").path(0);
        return "tcp:" + address.path("host").asString() + ":"
                + address.path("port").asString();
    }

    static void refuse(QmpLines client, String command, String arguments, String description) throws IOException {
        assertEquals(
                description,
                client.execute(command, arguments).path("error").path("desc").asString());
    }
}
