package io.pageferry.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pageferry.testing.ChildProcess;
import io.pageferry.testing.LeakFree;
import io.pageferry.testing.TestJvm;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may read an image: what the operator says, never more than before, and never what the umask says. */
@LeakFree
@Timeout(60)
class ImageAccessTest {
    private static final int OTHER_GROUP = 4321;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"0000", "0022", "0027", "0077", "0477", "0777"})
    void shouldBeTheOwnersAloneWhateverTheUmask(String umask) throws Exception {
        assertEquals("rw-------", modesUnder(umask, "0600", null));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0000", "0022", "0077", "0777"})
    void shouldBeReadableByTheGroupWhenToldSoWhateverTheUmask(String umask) throws Exception {
        assertEquals("rw-r-----", modesUnder(umask, "0640", null));
    }

    @ParameterizedTest
    @CsvSource({
        "rw-------, 0600, rw-------",
        "rw-r--r--, 0600, rw-------",
        "r--------, 0600, r--------",
        "rw-------, 0640, rw-------",
        "rw-r-----, 0640, rw-r-----",
        "rwxrwxrwx, 0640, rw-r-----",
        "r--r-----, 0640, r--r-----",
        "rw-r-----, 0400, r--------"
    })
    void shouldNotBeWiderThanWhatItReplaces(String before, String mode, String after) throws Exception {
        assertEquals(after, modesUnder("0022", mode, before));
    }

    /** Writes an image with a sidecar under a umask; returns the mode that both have when they are there. */
    private String modesUnder(String umask, String mode, String before) throws Exception {
        Path output = Files.createDirectory(folder.resolve("output"));
        Path image = Files.createDirectory(folder.resolve("images")).resolve("an.img");
        if (before != null) {
            Files.writeString(image, "old");
            Files.setPosixFilePermissions(image, PosixFilePermissions.fromString(before));
        }
        List<String> command = new ArrayList<>(List.of("sh", "-c", "umask " + umask + " && exec \"$@\"", "sh"));
        command.addAll(TestJvm.command(Committing.class, image, mode));
        try (ChildProcess process = ChildProcess.start("committing", output, command)) {
            assertEquals(0, process.awaitExit(), process.toString());
            assertEquals("rw-------", process.stdout().text().strip(), "while it was written");
        }
        assertEquals("new", Files.readString(image));
        String after = permissions(image);
        assertEquals(after, permissions(SidecarFiles.sidecar(image)));
        return after;
    }

    private static String permissions(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    @Test
    void shouldBelongToTheGroup() throws Exception {
        assumeTrue(isRoot(), "only root may give files to any group");
        Path image = folder.resolve("an.img");
        commit(image, ImageAccess.of("640", "" + OTHER_GROUP));
        assertEquals(OTHER_GROUP, Files.getAttribute(image, "unix:gid"));
        assertEquals(OTHER_GROUP, Files.getAttribute(SidecarFiles.sidecar(image), "unix:gid"));
        assertEquals("rw-r-----", permissions(image));

        Path inner = folder.resolve("a").resolve("folder");
        Folders.makeAll(inner, ImageAccess.of("0640", "" + OTHER_GROUP));
        assertEquals("rwxr-x---", permissions(inner));
        assertEquals(OTHER_GROUP, Files.getAttribute(inner.getParent(), "unix:gid"));
    }

    /** A group that could read the old image goes on reading, and no other one begins to. */
    @Test
    void shouldStayWithTheGroupOfWhatItReplaces() throws Exception {
        assumeTrue(isRoot(), "only root may give files to any group");
        Path image = Files.writeString(folder.resolve("an.img"), "old");
        Files.setPosixFilePermissions(image, PosixFilePermissions.fromString("rw-r-----"));
        Files.setAttribute(image, "unix:gid", OTHER_GROUP);
        commit(image, ImageAccess.of("0640", null));
        assertEquals(OTHER_GROUP, Files.getAttribute(image, "unix:gid"));
        assertEquals("rw-r-----", permissions(image));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0644", "0660", "0700", "0", "", "rw-------", "1640", "0604"})
    void shouldRefuseOtherModes(String mode) {
        assertEquals(
                "image-mode must be 0600, 0640, 0400 or 0440: image-mode=" + mode,
                assertThrows(ImageException.class, () -> ImageAccess.of(mode, null))
                        .getMessage());
    }

    @Test
    void shouldRefuseAGroupThatIsNotThere() {
        assertEquals(
                "image-group must be a group of this machine: image-group=no such group",
                assertThrows(ImageException.class, () -> ImageAccess.of("0640", "no such group"))
                        .getMessage());
    }

    private static boolean isRoot() {
        return System.getProperty("user.name").equals("root");
    }

    private static void commit(Path image, ImageAccess access) throws IOException {
        try (PendingFile file = PendingFile.create(image, 0, access)) {
            file.channel().write(ByteBuffer.wrap("new".getBytes(StandardCharsets.US_ASCII)));
            file.commit("facts".getBytes(StandardCharsets.US_ASCII));
        }
    }

    /** The main program of a process that has a umask: says which mode an image has while it is written. */
    static final class Committing {
        private Committing() {}

        public static void main(String[] arguments) throws IOException {
            Path image = Path.of(arguments[0]);
            try (PendingFile _ = PendingFile.create(image, 0, ImageAccess.of(arguments[1], null))) {
                for (UnfinishedFiles each : UnfinishedFiles.of(image.getParent(), "")) {
                    System.out.println(permissions(each.part()));
                }
            }
            commit(image, ImageAccess.of(arguments[1], null));
        }
    }
}
