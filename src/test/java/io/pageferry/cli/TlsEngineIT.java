package io.pageferry.cli;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.GoldenImage;
import io.pageferry.testing.PageferryProcess;
import io.pageferry.testing.Result;
import io.pageferry.testing.TlsAuthority;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Who does TLS with certificates, from the packaged jar: its native library is where it is looked for, and each
 * understands the other.
 */
@Timeout(120)
class TlsEngineIT {
    private static final String CHOICE = "-Dpageferry.tls=";

    /** A folder that nobody can make files in, root included. */
    private static final String WITHOUT_TEMPORARY_FILES = "-Djava.io.tmpdir=/proc";

    @TempDir
    private Path folder;

    @TempDir
    private Path pki;

    @BeforeEach
    void putCredentialsAndAnImageThere() throws IOException {
        GoldenImage.write(folder.resolve("an.img"));
        TlsAuthority authority = TlsAuthority.create(pki, "authority");
        authority.writeTo(pki);
        authority.server("ip:127.0.0.1").toServer(pki);
        authority.client("CN=client").toClient(pki);
    }

    @ParameterizedTest
    @CsvSource({"boringssl, boringssl", "boringssl, jsse", "jsse, boringssl", "jsse, jsse"})
    void shouldBringGuestThereWhoeverDoesIt(String source, String destination) throws Exception {
        try (PageferryProcess receiver = receive(CHOICE + destination);
                PageferryProcess sender = send(receiver, CHOICE + source)) {
            assertQuiet(sender.awaitEnd().completed());
            assertQuiet(receiver.awaitEnd().completed());
        }
        assertTrue(Files.size(folder.resolve("taken.img")) > 0);
    }

    @Test
    void shouldBeTheJdksWhenLibraryCannotBeUnpacked() throws Exception {
        try (PageferryProcess receiver = receive(WITHOUT_TEMPORARY_FILES);
                PageferryProcess sender = send(receiver, CHOICE + "boringssl")) {
            assertQuiet(sender.awaitEnd().completed());
            assertQuiet(receiver.awaitEnd().completed());
        }
    }

    @Test
    void shouldSayWhyWhenBoringSslIsChosenAndCannotBe() throws Exception {
        String line = launch(WITHOUT_TEMPORARY_FILES, CHOICE + "boringssl")
                .run("receive", "--tls-creds", pki, "tcp:127.0.0.1:0", "taken.img")
                .failed(1);
        assertTrue(line.contains("BoringSSL must be of use: reason=\"java.nio.file."), line);
    }

    /** Neither the JVM nor the library has anything to say to a user. */
    private static void assertQuiet(Result result) {
        assertFalse(result.stderr().contains("WARNING"), result.stderr());
        assertFalse(result.stderr().contains("netty"), result.stderr());
    }

    private PageferryProcess receive(String flag) throws IOException {
        return launch(flag).start("receive", "--tls-creds", pki, "tcp:127.0.0.1:0", "taken.img");
    }

    private PageferryProcess send(PageferryProcess receiver, String flag) throws IOException {
        return launch(flag).start("send", "--tls-creds", pki, "an.img", receiver.awaitListening());
    }

    private PageferryProcess.Launch launch(String... flags) {
        return PageferryProcess.in(folder).flags(flags);
    }
}
