package io.pageferry.qemu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.PageferryProcess;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What a user does under TLS: the options of the commands, and the jar with all that it needs in it. */
@RealQemu
@Timeout(120)
class TlsCommandIT {
    private static final QemuVersion VERSION = QemuVersion.V10_0;
    private static final String ANY_PORT = "tcp:127.0.0.1:0";
    private static final String OTHER_USER = "operator";

    @TempDir
    static Path shared;

    private static TlsFolders folders;

    @TempDir
    Path folder;

    @BeforeAll
    static void makeCredentials() throws IOException {
        folders = TlsFolders.create(shared);
    }

    /** QEMU's override-host, over both kinds of sockets: one of UNIX has no host of its own to be certified. */
    @ParameterizedTest
    @ValueSource(strings = {"tcp", "unix"})
    void shouldReceiveAndSendWithCertificates(String transport) throws Exception {
        Path image = folder.resolve("image");
        Path credentials = folders.otherHost();
        String receiveUri = transport.equals("tcp") ? ANY_PORT : "unix:" + folder.resolve("to-pageferry");
        try (Qemu source = TlsQemus.start(TlsQemus.x509(Qemu.of(VERSION, folder), credentials, "client", ""));
                PageferryProcess receive = PageferryProcess.in(folder)
                        .start(
                                "receive",
                                receiveUri,
                                image,
                                "--tls-creds",
                                credentials,
                                "--tls-authz",
                                "deny:CN=somebody,O=Pageferry Tests",
                                "--tls-authz",
                                "glob:CN=cl*,O=Pageferry Tests",
                                "--json")) {
            source.set("tls-hostname", TlsFolders.OTHER_HOST);
            receiveFrom(source, receive);
        }
        String incomingUri = transport.equals("tcp") ? ANY_PORT : "unix:" + folder.resolve("to-qemu");
        try (Qemu destination =
                TlsQemus.start(TlsQemus.x509(Qemu.of(VERSION, folder).incoming(), credentials, "server", ""))) {
            sendTo(
                    destination,
                    incomingUri,
                    image,
                    "--tls-creds",
                    credentials.toString(),
                    "--tls-hostname",
                    TlsFolders.OTHER_HOST);
        }
    }

    @Test
    void shouldReceiveAndSendWithPreSharedKeys() throws Exception {
        Path image = folder.resolve("image");
        try (Qemu source = TlsQemus.start(
                        TlsQemus.psk(Qemu.of(VERSION, folder), folders.psk(), "client", ",username=" + OTHER_USER));
                PageferryProcess receive = PageferryProcess.in(folder)
                        .start("receive", ANY_PORT, image, "--tls-creds", folders.psk(), "--json")) {
            receiveFrom(source, receive);
        }
        try (Qemu destination =
                TlsQemus.start(TlsQemus.psk(Qemu.of(VERSION, folder).incoming(), folders.psk(), "server", ""))) {
            sendTo(destination, ANY_PORT, image, "--tls-creds", folders.psk().toString(), "--tls-username", OTHER_USER);
        }
    }

    @Test
    void shouldSayInOneLineWhenClientIsNotAllowed() throws Exception {
        try (Qemu source =
                        TlsQemus.start(TlsQemus.x509(Qemu.of(VERSION, folder), folders.defaultHost(), "client", ""));
                PageferryProcess receive = PageferryProcess.in(folder)
                        .start(
                                "receive",
                                ANY_PORT,
                                folder.resolve("image"),
                                "--tls-creds",
                                folders.defaultHost(),
                                "--tls-authz",
                                "CN=somebody,O=Pageferry Tests")) {
            source.enable("multifd", "return-path");
            source.migrate(receive.awaitListening());
            String line = receive.awaitEnd().failed(1);
            assertTrue(
                    line.matches(
                            "pageferry: receive: client must be one that tls-authz allows: connection from \\S+ name=\""
                                    + TlsFolders.CLIENT + "\""),
                    line);
        }
    }

    private static void receiveFrom(Qemu source, PageferryProcess receive) throws Exception {
        source.enable("multifd", "return-path");
        source.migrate(receive.awaitListening());
        assertEquals(
                "completed",
                receive.awaitEnd().completed().json().path("status").asString());
        source.awaitMigration("completed");
    }

    private void sendTo(Qemu destination, String incomingUri, Path image, String... options) throws Exception {
        Object[] command = new Object[4 + options.length];
        command[0] = "send";
        command[1] = image;
        command[2] = destination.enable("multifd").migrateIncoming(incomingUri);
        command[3] = "--json";
        System.arraycopy(options, 0, command, 4, options.length);
        JsonNode sent = PageferryProcess.in(folder).run(command).completed().json();
        assertEquals("completed", sent.path("status").asString());
        destination.awaitMigration("completed");
    }
}
