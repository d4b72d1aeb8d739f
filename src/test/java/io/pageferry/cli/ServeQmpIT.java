package io.pageferry.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.Eventually;
import io.pageferry.testing.PageferryProcess;
import io.pageferry.testing.QmpLines;
import io.pageferry.testing.TlsAuthority;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** {@code serve --qmp} as a process. */
@Timeout(120)
class ServeQmpIT {
    private static final String ANNOUNCED = "QMP on tcp:";
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
    void shouldLetNobodyElseOpenItsSocketWhateverTheUmask() throws Exception {
        Path socket = folder.resolve("qmp");
        try (PageferryProcess server = PageferryProcess.in(folder)
                .wrapper("sh", "-c", "umask 0; exec \"$@\"", "sh")
                .start(
                        "serve",
                        "--listen",
                        "tcp:127.0.0.1:0",
                        "--store",
                        folder.resolve("store"),
                        "--qmp",
                        "unix:" + socket)) {
            server.awaitListening();
            Eventually.until("QMP", () -> Files.exists(socket));
            assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));
        }
    }

    @Test
    void shouldRefuseToBeDrivenFromElsewhereInTheClear() throws Exception {
        Path store = folder.resolve("store");
        String line = PageferryProcess.in(folder)
                .run("serve", "--listen", "tcp:127.0.0.1:0", "--store", store, "--qmp", "tcp:0.0.0.0:0")
                .failed(ExitCode.USAGE);
        assertTrue(line.contains("qmp must have qmp-tls-creds, or else qmp-insecure, where it is not at"), line);
        assertFalse(Files.exists(store), "nothing was begun");
    }

    @Test
    void shouldBeDrivenFromElsewhereWhenAFileSaysThatItIsInsecure() throws Exception {
        Path config = Files.writeString(
                folder.resolve("config.json"),
                "{\"listen\": [\"tcp:127.0.0.1:0\"], \"store\": \"" + folder.resolve("store")
                        + "\", \"qmp\": \"tcp:0.0.0.0:0\", \"qmp-insecure\": true}");
        try (PageferryProcess server = PageferryProcess.in(folder).start("serve", "--config", config);
                QmpLines client = QmpLines.connect("127.0.0.1", awaitQmp(server))) {
            assertTrue(client.next().has("QMP"));
        }
    }

    @Test
    void shouldShowItsNewCertificateWhenItIsToldToReadItAgain() throws Exception {
        TlsAuthority authority = TlsAuthority.create(folder, "qmp");
        Path pki = Files.createDirectory(folder.resolve("pki"));
        authority.writeTo(pki);
        TlsAuthority.Identity first = authority.server("ip:127.0.0.1").toServer(pki);
        try (PageferryProcess server = PageferryProcess.in(folder)
                .start(
                        "serve",
                        "--listen",
                        "tcp:127.0.0.1:0",
                        "--store",
                        folder.resolve("store"),
                        "--qmp",
                        "tcp:0.0.0.0:0",
                        "--qmp-tls-creds",
                        pki)) {
            int port = awaitQmp(server);
            assertArrayEquals(first.certificate(), ShownCertificate.at("127.0.0.1", port));
            TlsAuthority.Identity second = authority.server("ip:127.0.0.1").toServer(pki);
            server.signal("HUP");
            Eventually.until(
                    "its reading", () -> server.process().stderr().text().contains("credentials read again"));
            assertArrayEquals(second.certificate(), ShownCertificate.at("127.0.0.1", port));
        }
    }

    private static int awaitQmp(PageferryProcess server) {
        Eventually.until(ANNOUNCED, () -> server.process().stderr().text().contains(ANNOUNCED));
        return server.process().stderr().lines().stream()
                .filter(line -> line.startsWith(ANNOUNCED))
                .mapToInt(line -> Integer.parseInt(line.substring(line.lastIndexOf(':') + 1)))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void shouldRefuseAnAddressOfAnotherKind() throws Exception {
        String line = PageferryProcess.in(folder)
                .run("serve", "--listen", "tcp:127.0.0.1:0", "--store", folder.resolve("store"), "--qmp", "file:qmp")
                .failed(ExitCode.USAGE);
        assertTrue(line.contains("QMP address must be tcp:HOST:PORT or unix:PATH"), line);
    }
}
