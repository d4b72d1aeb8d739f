package io.pageferry.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.checkpoint.CheckpointException;
import io.pageferry.checkpoint.CheckpointFacts;
import io.pageferry.testing.LeakFree;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A file is there whole, or not at all. */
@LeakFree
@Timeout(30)
class PendingFileTest {
    @TempDir
    Path folder;

    private static void write(PendingFile file, String text, long position) throws IOException {
        file.channel().write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)), position);
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }

    @Test
    void shouldAppearUnderItsNameWhenCommitted() throws Exception {
        Path target = folder.resolve("image");
        try (PendingFile file = PendingFile.create(target, 0)) {
            write(file, "new", 0);
            assertFalse(Files.exists(target));
            file.commit();
        }
        assertEquals("new", Files.readString(target));
        assertEquals(List.of(target), files());
    }

    @Test
    void shouldVanishWhenClosedBeforeThat() throws Exception {
        try (PendingFile file = PendingFile.create(folder.resolve("image"), 0)) {
            write(file, "new", 0);
            assertEquals(1, files().size());
        }
        assertEquals(List.of(), files());
    }

    @Test
    void shouldLeaveOldFileAsItWasUntilCommitted() throws Exception {
        Path target = Files.writeString(folder.resolve("image"), "old and longer");
        try (PendingFile file = PendingFile.create(target, 0)) {
            write(file, "new", 0);
            assertEquals("old and longer", Files.readString(target));
        }
        assertEquals("old and longer", Files.readString(target));
        try (PendingFile file = PendingFile.create(target, 0)) {
            write(file, "new", 0);
            file.commit();
        }
        assertEquals("new", Files.readString(target));
        assertEquals(List.of(target), files());
    }

    @Test
    void shouldKeepWhatIsInFrontOfAnImage() throws Exception {
        Path target = Files.writeString(folder.resolve("image"), "head and old");
        try (PendingFile file = PendingFile.create(target, 4)) {
            write(file, ", new", 4);
            file.commit();
        }
        assertEquals("head, new", Files.readString(target));
    }

    /** The link stays one. */
    @Test
    void shouldReplaceTheFileThatALinkNames() throws Exception {
        Path target = Files.writeString(folder.resolve("image"), "old");
        Path link = Files.createSymbolicLink(folder.resolve("link"), target);
        try (PendingFile file = PendingFile.create(link, 0)) {
            write(file, "new", 0);
            file.commit();
        }
        assertTrue(Files.isSymbolicLink(link));
        assertEquals("new", Files.readString(target));
    }

    @Test
    void shouldRefuseTargetWhenItIsAFolder() {
        assertEquals(
                "image must be a regular file, or not be there yet: image=" + folder,
                assertThrows(ImageException.class, () -> PendingFile.create(folder, 0))
                        .getMessage());
    }

    @Test
    void shouldRefuseTargetWhenItsFolderIsNotThere() {
        Path target = folder.resolve("nowhere").resolve("image");
        assertEquals(
                "image must be writable: image=" + target + " reason=\"No such file or directory\"",
                assertThrows(ImageException.class, () -> PendingFile.create(target, 0))
                        .getMessage());
    }

    @Test
    void shouldSayWhyWhenFolderIsGoneAtTheEnd() throws Exception {
        Path inner = Files.createDirectory(folder.resolve("inner"));
        Path target = inner.resolve("image");
        try (PendingFile file = PendingFile.create(target, 0)) {
            try (Stream<Path> parts = Files.list(inner)) {
                for (Path part : parts.toList()) {
                    Files.delete(part);
                }
            }
            Files.delete(inner);
            assertEquals(
                    "image must be put on disk: image=" + target + " reason=\"No such file or directory\"",
                    assertThrows(ImageException.class, file::commit).getMessage());
        }
    }

    @Test
    void shouldHaveItsSidecarBesideIt() throws Exception {
        Path target = folder.resolve("image");
        commit(target, "new", "facts");
        assertEquals("new", Files.readString(target));
        assertEquals("facts", new String(SidecarFiles.readSidecar(target).orElseThrow(), StandardCharsets.US_ASCII));
        assertEquals(List.of(target, SidecarFiles.sidecar(target)), files());
        assertEquals(
                "rw-------",
                PosixFilePermissions.toString(Files.getPosixFilePermissions(SidecarFiles.sidecar(target))));
    }

    @Test
    void shouldNotHaveTheSidecarOfTheFileThatItReplaces() throws Exception {
        Path target = folder.resolve("image");
        commit(target, "old", "old facts");
        Files.writeString(SidecarFiles.workingSet(target), "old pages");
        commit(target, "new", "");
        assertEquals("new", Files.readString(target));
        assertEquals(List.of(target), files());
        commit(target, "newer", "newer facts");
        assertEquals("newer facts", Files.readString(SidecarFiles.sidecar(target)));
    }

    @Test
    void shouldLeaveOldSidecarWhereTheFileIsNotCommitted() throws Exception {
        Path target = folder.resolve("image");
        commit(target, "old", "old facts");
        try (PendingFile file = PendingFile.create(target, 0)) {
            write(file, "new", 0);
        }
        assertEquals("old facts", Files.readString(SidecarFiles.sidecar(target)));
        assertEquals(List.of(target, SidecarFiles.sidecar(target)), files());
    }

    @Test
    void shouldRefuseASidecarThatIsTooLong() throws Exception {
        Path target = folder.resolve("image");
        commit(target, "old", "old facts");
        Files.write(SidecarFiles.sidecar(target), new byte[SidecarFiles.MAX_SIDECAR_BYTES + 1]);
        assertEquals(
                "sidecar must be small: sidecar=" + SidecarFiles.sidecar(target) + " maxBytes=65536",
                assertThrows(ImageException.class, () -> SidecarFiles.readSidecar(target))
                        .getMessage());
    }

    @Test
    void shouldReplaceASidecarOfAnImageThatStays() throws Exception {
        Path target = folder.resolve("image");
        commit(target, "old", "old facts");
        SidecarFiles.writeSidecar(target, "adopted".getBytes(StandardCharsets.US_ASCII));
        assertEquals("old", Files.readString(target));
        assertEquals("adopted", Files.readString(SidecarFiles.sidecar(target)));
        assertEquals(List.of(target, SidecarFiles.sidecar(target)), files());
    }

    @Test
    void shouldRemoveAnImageWithAllThatBelongsToIt() throws Exception {
        Path target = folder.resolve("image");
        commit(target, "old", "old facts");
        Files.writeString(SidecarFiles.workingSet(target), "pages");
        Path other = Files.writeString(folder.resolve("image2"), "another");
        SidecarFiles.deleteImage(target);
        assertEquals(List.of(other), files());
    }

    private static void commit(Path target, String content, String facts) throws IOException {
        try (PendingFile file = PendingFile.create(target, 0)) {
            write(file, content, 0);
            file.commit(facts.getBytes(StandardCharsets.US_ASCII));
        }
    }

    @Test
    void shouldTakeTheNameBackWhenTheProcessIsOutOfMemoryAfterwards() throws Exception {
        UnfinishedFiles files = UnfinishedFiles.of(folder.resolve("image"));
        Files.writeString(files.part(), "new");
        OutOfMemoryError failure = new OutOfMemoryError("as on a full heap");
        Commit commit = new Commit(files) {
            private boolean failed;

            @Override
            void forceNames() throws IOException {
                if (!failed) {
                    failed = true;
                    throw failure;
                }
                super.forceNames();
            }
        };
        assertSame(failure, assertThrows(OutOfMemoryError.class, () -> commit.run(new byte[0], false)));
        assertEquals(List.of(), files());
    }

    @Test
    void shouldReadNoSidecarThroughALink() throws Exception {
        Path secret = Files.writeString(folder.resolve("secret"), "{}");
        Files.createSymbolicLink(folder.resolve("image.json"), secret);
        assertThrows(ImageException.class, () -> SidecarFiles.readSidecar(folder.resolve("image")));
    }

    @Test
    void shouldSayNothingOfATextThatIsNoSidecar() {
        byte[] text = "root:x:0:0".getBytes(StandardCharsets.US_ASCII);
        CheckpointException refusal = assertThrows(CheckpointException.class, () -> CheckpointFacts.parse(text));
        assertEquals("image's facts must be JSON", refusal.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"fifo", "link", "folder"})
    void shouldLockRegularFilesOnly(String kind) throws Exception {
        Path file = folder.resolve("file");
        switch (kind) {
            case "fifo" ->
                assertEquals(
                        0, new ProcessBuilder("mkfifo", file.toString()).start().waitFor());
            case "link" -> Files.createSymbolicLink(file, Files.createFile(folder.resolve("other")));
            default -> Files.createDirectory(file);
        }
        assertThrows(FileNotFoundException.class, () -> FileLock.hold(file));
        assertThrows(FileNotFoundException.class, () -> FileLock.probe(file));
    }

    @Test
    void shouldRefuseToCommitWhereItsTurnIsNoFile() throws Exception {
        Path target = folder.resolve("image");
        Files.createDirectory(folder.resolve(".image.committing"));
        try (PendingFile file = PendingFile.create(target, 0)) {
            ImageException refusal = assertThrows(ImageException.class, file::commit);
            assertTrue(refusal.getMessage().contains("by what is not of its writer"), refusal.getMessage());
        }
        assertFalse(Files.exists(target));
    }
}
