package io.pageferry.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.checkpoint.CheckpointVerifier;
import io.pageferry.memory.RamBlock;
import io.pageferry.stream.MappedRamHeader;
import io.pageferry.stream.SectionType;
import io.pageferry.testing.GoldenImage;
import io.pageferry.testing.LeakFree;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An image that QEMU 10.0 saved, whole and damaged in one place. */
@LeakFree
@Timeout(60)
class ImageVerificationTest {
    private static final long MAX_RAM = 1 << 30;

    @TempDir
    Path folder;

    private byte[] bytes = GoldenImage.bytes();

    @Test
    void shouldReadEveryPageThatIsPresent() throws Exception {
        try (Image image = open()) {
            long present = 0;
            for (RamBlock block : image.layout().blocks()) {
                present += image.present(block).count();
            }
            assertTrue(present > 0);
            assertEquals(new CheckpointVerifier.Verified(present, 0), CheckpointVerifier.verify(image));
        }
    }

    @Test
    void shouldFindWhereADeviceDoesNotBeginAsDescribed() throws Exception {
        bytes[deviceStart()] = 1;
        requireDamaged("device's section must begin where the vmdescription says: device=timer instance=0 position=0");
    }

    @Test
    void shouldFindWhereADeviceHasAnotherName() throws Exception {
        bytes[deviceStart() + 6]++;
        requireDamaged("device's section must have its name, instance and version where the vmdescription says:"
                + " device=timer instance=0 position=0");
    }

    @Test
    void shouldFindWhereADeviceDoesNotEndAsDescribed() throws Exception {
        int footer = deviceStart();
        while (bytes[footer] != SectionType.SECTION_FOOTER) {
            footer++;
        }
        bytes[footer]++;
        requireDamaged("device's section must end with its footer where the vmdescription says: device=timer");
    }

    @Test
    void shouldFindThatADeviceIsLongerThanEverythingThatFollows() throws Exception {
        replace(
                "\"cpu_ticks_offset\", \"type\": \"int64\", \"size\": 8",
                "\"cpu_ticks\", \"type\": \"int64\", \"size\": 88888888");
        requireDamaged("device's section must end behind it where the vmdescription says: device=timer");
    }

    @Test
    void shouldFindSectionsThatNobodyDescribes() throws Exception {
        byte[] nothing = "{\"devices\":[]}".getBytes(StandardCharsets.US_ASCII);
        int description = indexOf("{\"configuration\"");
        ByteBuffer.wrap(bytes)
                .putInt(description - Integer.BYTES, nothing.length)
                .put(description, nothing);
        bytes = Arrays.copyOf(bytes, description + nothing.length);
        requireDamaged("device sections must be those of the vmdescription, and no others: devices=0 position=0");
    }

    @Test
    void shouldFindPagesThatAreNotThere() throws Exception {
        try (Image image = open()) {
            try (FileChannel file = FileChannel.open(image.path(), StandardOpenOption.WRITE)) {
                file.truncate(MappedRamHeader.PAGES_ALIGNMENT); // where the first block's pages begin
            }
            IOException damage = assertThrows(IOException.class, () -> CheckpointVerifier.verify(image));
            assertTrue(damage.getMessage().startsWith("image must not end before its pages do: "), damage::getMessage);
        }
    }

    private Image open() throws IOException {
        return Image.open(Files.write(folder.resolve("image"), bytes), 0, MAX_RAM, false);
    }

    private void requireDamaged(String line) throws IOException {
        try (Image image = open()) {
            IOException damage = assertThrows(IOException.class, () -> CheckpointVerifier.verify(image));
            assertTrue(damage.getMessage().startsWith(line), damage::getMessage);
        }
    }

    /** Where the first device section is. */
    private int deviceStart() {
        return indexOf("\4\0\0\0\0\5timer");
    }

    private int indexOf(String text) {
        int index = new String(bytes, StandardCharsets.ISO_8859_1).indexOf(text);
        assertTrue(index > 0, text);
        return index;
    }

    private void replace(String old, String other) {
        assertEquals(old.length(), other.length());
        ByteBuffer.wrap(bytes).put(indexOf(old), other.getBytes(StandardCharsets.US_ASCII));
    }
}
