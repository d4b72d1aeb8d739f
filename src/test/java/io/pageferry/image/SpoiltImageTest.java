package io.pageferry.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.memory.RamBlock;
import io.pageferry.stream.MappedRamHeader;
import io.pageferry.stream.StreamException;
import io.pageferry.testing.Golden;
import io.pageferry.testing.LeakFree;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An image that QEMU 10.0 saved, as it is and wrong in one place. */
@LeakFree
@Timeout(60)
class SpoiltImageTest {
    private static final String SAVED_BY_QEMU = "qemu-10.0/mapped-ram.image.gz";
    private static final long MAX_RAM = 1 << 30;
    private static final String FIRST_BLOCK = "pc.ram";

    @TempDir
    Path folder;

    private byte[] bytes;
    private int header;

    @BeforeEach
    void load() {
        bytes = Golden.bytes(SAVED_BY_QEMU);
        // After the first block's name and length.
        header = indexOf(FIRST_BLOCK) + FIRST_BLOCK.length() + Long.BYTES;
    }

    private int indexOf(String name) {
        byte[] wanted = name.getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < 4096; i++) {
            if (Arrays.equals(wanted, 0, wanted.length, bytes, i, i + wanted.length)) {
                return i;
            }
        }
        throw new AssertionError("no " + name);
    }

    private Image open(long start) throws IOException {
        return Image.open(Files.write(folder.resolve("image"), bytes), start, MAX_RAM, false);
    }

    private void requireRefused(Class<? extends IOException> type, String line) {
        IOException refusal = assertThrows(type, () -> open(0).close());
        String was = refusal.getMessage().replace(folder.resolve("image").toString(), "IMAGE");
        assertTrue(
                line.endsWith("*") ? was.startsWith(line.substring(0, line.length() - 1)) : was.equals(line),
                "expected: " + line + "\n     was: " + was);
    }

    private void spoil(Consumer<ByteBuffer> change) {
        change.accept(ByteBuffer.wrap(bytes));
    }

    @Test
    void shouldReadImageThatQemuSaved() throws Exception {
        try (Image image = open(0)) {
            assertEquals("pc-q35-10.0", image.configuration().machineType().name());
            assertEquals(8 << 20, image.layout().block(0).lengthBytes());
            assertTrue(image.present(image.layout().block(0)).count() > 0);
            assertTrue(image.deviceState().description().devices().size() > 20);
        }
    }

    /** Positions in an image are those of the file. QEMU writes them so. */
    @Test
    void shouldLayOutAnImageAsQemuDoes() throws Exception {
        try (Image image = open(0);
                FileChannel saved = FileChannel.open(folder.resolve("image"));
                PendingFile file = PendingFile.create(folder.resolve("ours"), 0)) {
            ImageLayout ours = ImageHead.write(
                    file.channel(), file.target(), 0, image.configuration(), image.ramSection(), image.layout());
            ByteBuffer head = ByteBuffer.allocate(header + MappedRamHeader.LENGTH);
            FileIo.readFully(file.channel(), head, 0, file.target());
            assertEquals(ByteBuffer.wrap(bytes, 0, head.capacity()), head.flip());
            RamBlock last = image.layout().blocks().getLast();
            long qemus = ImageContents.read(saved, "image", 0, MAX_RAM, PageBitmaps.asWritten(saved, "image"))
                    .layout()
                    .header(last)
                    .pagesOffset();
            assertEquals(qemus, ours.header(last).pagesOffset());
        }
    }

    @Test
    void shouldRefuseFileWhenItIsNoImage() {
        spoil(all -> all.putInt(0, 0x7f454c46));
        requireRefused(
                ImageException.class,
                "file must be a mapped-ram image: image=IMAGE position=0 found=\"a program or library (ELF)\"");
    }

    @Test
    void shouldRefuseFileWhenItIsEmpty() {
        bytes = new byte[0];
        requireRefused(
                ImageException.class, "file must be a mapped-ram image: image=IMAGE position=0 found=\"nothing\"");
    }

    @Test
    void shouldRefuseStreamWhenItIsNoMappedRam() {
        bytes[indexOf("mapped-ram")] = 'M';
        requireRefused(
                ImageException.class,
                "file must be a mapped-ram image: image=IMAGE position=0 found=\"a plain migration stream, machine type"
                        + " pc-q35-10.0, convert makes an image of it\"");
    }

    @Test
    void shouldRefuseHeaderWhenItsVersionIsNew() {
        spoil(all -> all.putInt(header, 2));
        requireRefused(
                StreamException.class,
                "mapped-ram header's version must be 1: version=2 position=" + (header + Integer.BYTES));
    }

    @Test
    void shouldRefuseHeaderWhenItsPageSizeIsNotTheGuests() {
        spoil(all -> all.putLong(header + 4, 65536));
        requireRefused(
                StreamException.class,
                "mapped-ram page size must be the guest's: block=pc.ram pageSize=65536 expected=4096");
    }

    @Test
    void shouldRefuseHeaderWhenBitmapLiesInFront() {
        spoil(all -> all.putLong(header + 12, 8));
        requireRefused(
                StreamException.class,
                "mapped-ram bitmap must lie behind its header: block=pc.ram bitmapOffset=0x8 position=0x"
                        + Integer.toHexString(header + MappedRamHeader.LENGTH));
    }

    @Test
    void shouldRefuseHeaderWhenBitmapLiesBehindAllNumbers() {
        spoil(all -> all.putLong(header + 12, Long.MAX_VALUE));
        requireRefused(StreamException.class, "mapped-ram bitmap must lie behind its header: block=pc.ram *");
    }

    @Test
    void shouldRefuseHeaderWhenPagesLieInTheBitmap() {
        spoil(all -> all.putLong(header + 20, all.getLong(header + 12)));
        requireRefused(
                StreamException.class,
                "mapped-ram pages must lie behind their bitmap, aligned to pages: block=pc.ram *");
    }

    @Test
    void shouldRefuseHeaderWhenPagesAreNotAligned() {
        spoil(all -> all.putLong(header + 20, all.getLong(header + 20) + 512));
        requireRefused(
                StreamException.class,
                "mapped-ram pages must lie behind their bitmap, aligned to pages: block=pc.ram *");
    }

    @Test
    void shouldRefuseImageWhenItEndsInItsPages() {
        bytes = Arrays.copyOf(bytes, 4 << 20);
        requireRefused(StreamException.class, "stream must not end in the middle: awaited=\"RAM block's name\" *");
    }

    @Test
    void shouldRefuseImageWhenItEndsInItsDeviceState() {
        bytes = Arrays.copyOf(bytes, bytes.length - 100);
        requireRefused(
                StreamException.class,
                "stream must end with its vmdescription, do not suppress it (suppress-vmdesc): *");
    }

    @Test
    void shouldRefuseImageWhenItIsNotThere() {
        IOException refusal =
                assertThrows(ImageException.class, () -> Image.open(folder.resolve("nowhere"), 0, MAX_RAM, false));
        assertEquals(
                "image must be readable: image=" + folder.resolve("nowhere") + " reason=\"No such file or directory\"",
                refusal.getMessage());
    }

    @Test
    void shouldRefuseImageWhenItsGuestIsTooLarge() throws Exception {
        Path path = Files.write(folder.resolve("image"), bytes);
        assertTrue(assertThrows(
                        StreamException.class,
                        () -> Image.open(path, 0, 1 << 20, false).close())
                .getMessage()
                .startsWith("guest must not be larger than max-ram: total="));
    }

    @Test
    void shouldOpenOrRefuseWhenBytesAreChanged() throws Exception {
        Random random = new Random(31);
        byte[] good = bytes;
        Path path = Files.write(folder.resolve("image"), good);
        int refused = 0;
        for (int i = 0; i < 400; i++) {
            int position = random.nextInt(header + 64);
            try (FileChannel file = FileChannel.open(path, StandardOpenOption.WRITE)) {
                file.write(ByteBuffer.wrap(new byte[] {(byte) random.nextInt(256)}), position);
            }
            try (Image image = Image.open(path, 0, MAX_RAM, false)) {
                assertTrue(image.layout().totalBytes() <= MAX_RAM);
            } catch (ImageException | StreamException e) {
                refused++;
            }
            try (FileChannel file = FileChannel.open(path, StandardOpenOption.WRITE)) {
                file.write(ByteBuffer.wrap(good, position, 1), position);
            }
        }
        assertTrue(refused > 200 && refused < 400, "refused=" + refused);
    }
}
