package io.pageferry.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.PageferryProcess;
import io.pageferry.testing.QmpLines;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** {@code serve --qmp} as a process. */
@Timeout(120)
class ServeQmpIT {
    private static final String PACKAGE = "pageferry \\d.*";

    @TempDir
    Path folder;

    @Test
    void shouldServeQmpUntilItEnds() throws Exception {
        Path socket = folder.resolve("qmp");
        try (PageferryProcess server = PageferryProcess.in(folder)
                .start(
                        "serve",
                        "--listen",
                        "tcp:127.0.0.1:0",
                        "--store",
                        folder.resolve("store"),
                        "--qmp",
                        "unix:" + socket)) {
            server.awaitListening();
            try (QmpLines client = QmpLines.negotiated(socket)) {
                JsonNode version = client.obey("query-version", "{}");
                assertTrue(version.path("package").asString().matches(PACKAGE), version::toString);
                server.signal("TERM");
                assertEquals("", client.nextLine());
            }
            assertEquals(ExitCode.COMPLETED, server.awaitEnd().code());
            assertFalse(Files.exists(socket), "socket is removed");
        }
    }

    @Test
    void shouldRefuseAnAddressOfAnotherKind() throws Exception {
        String line = PageferryProcess.in(folder)
                .run("serve", "--listen", "tcp:127.0.0.1:0", "--store", folder.resolve("store"), "--qmp", "file:qmp")
                .failed(ExitCode.USAGE);
        assertTrue(line.contains("QMP address must be tcp:HOST:PORT or unix:PATH"), line);
    }
}
