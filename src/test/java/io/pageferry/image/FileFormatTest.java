package io.pageferry.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.Golden;
import io.pageferry.testing.LeakFree;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is said of files that somebody took for images. */
@LeakFree
@Timeout(60)
class FileFormatTest {
    private static final long MAX_RAM = 1 << 30;

    @TempDir
    Path folder;

    private void requireFound(String words, byte[] bytes) throws IOException {
        Path path = Files.write(folder.resolve("file"), bytes);
        IOException refusal = assertThrows(
                ImageException.class, () -> Image.open(path, 0, MAX_RAM, false).close());
        assertEquals(
                "file must be a mapped-ram image: image=" + path + " position=0 found=\"" + words + "\"",
                refusal.getMessage());
    }

    private static byte[] beginning(byte[] magic, int at, int length) {
        return ByteBuffer.allocate(length).put(at, magic).array();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            514649fb00000003   | 0   | a disk in format qcow2
            514649fb00000001   | 0   | a disk in format qcow
            5145440000         | 0   | a disk in format qed
            4b444d5601000000   | 0   | a disk in format vmdk
            7f10dabe           | 64  | a disk in format vdi
            7668647866696c65   | 0   | a disk in format vhdx
            636f6e6563746978   | 0   | a disk in format vpc
            4c554b53babe0002   | 0   | a disk in format luks
            55aa               | 510 | a disk in format raw, with a boot sector
            4546492050415254   | 512 | a disk in format raw, with partitions
            55aa000048647253   | 510 | a Linux kernel
            28b52ffd           | 0   | compressed with zstd, decompress it first
            fd377a585a000004   | 0   | compressed with xz, decompress it first
            425a683931415926   | 0   | compressed with bzip2, decompress it first
            894c5a4f000d0a1a0a | 0   | compressed with lzop, decompress it first
            04224d18           | 0   | compressed with lz4, decompress it first
            4b44554d50202020   | 0   | a dump of memory in format kdump, which no guest can be started from
            00                 | 0   | zeros
            68656c6c6f         | 0   | something else, which begins with 0x68656c6c6f000000
            """)
    void shouldSayWhatItIsWhenItIsNoImage(String magic, int position, String words) throws Exception {
        requireFound(words, beginning(HexFormat.of().parseHex(magic), position, 1024));
    }

    @Test
    void shouldSayThatItIsGzip() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(Golden.bytes("qemu-10.0/mapped-ram.image.gz"), 0, 4096);
        }
        requireFound("compressed with gzip, decompress it first", bytes.toByteArray());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            2 | LITTLE_ENDIAN | a program or library (ELF)
            4 | LITTLE_ENDIAN | an ELF core, such as a dump of memory, which no guest can be started from
            4 | BIG_ENDIAN    | an ELF core, such as a dump of memory, which no guest can be started from
            """)
    void shouldTellAProgramFromADumpOfMemory(short type, String order, String words) throws Exception {
        ByteBuffer head = ByteBuffer.allocate(64).putInt(0x7f454c46);
        head.order(order.equals("BIG_ENDIAN") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN)
                .putShort(16, type);
        requireFound(words, head.array());
    }

    @Test
    void shouldSayThatThereIsNothing() throws Exception {
        requireFound("nothing", new byte[0]);
    }

    @Test
    void shouldSayThatThereIsNothingWhenTheFileEndsBeforeItsOffset() throws Exception {
        Path path = Files.write(folder.resolve("file"), new byte[100]);
        assertEquals(
                "file must be a mapped-ram image: image=" + path + " position=4096 found=\"nothing\"",
                assertThrows(
                                ImageException.class,
                                () -> Image.open(path, 4096, MAX_RAM, false).close())
                        .getMessage());
    }

    /** A file shorter than a magic is as good as any other. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 7, 15, 17, 63, 91, 511, 513})
    void shouldLookAtShortFiles(int length) throws Exception {
        byte[] bytes = new byte[length];
        bytes[0] = 'x';
        assertEquals(FileFormat.Kind.UNKNOWN, FileFormat.of(bytes).kind());
        bytes = "LibvirtQemudSave".getBytes(StandardCharsets.US_ASCII);
        FileFormat.of(Arrays.copyOf(bytes, length));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            0 | LITTLE_ENDIAN | a file of libvirt's save, its format is raw
            5 | LITTLE_ENDIAN | a file of libvirt's save, its format is zstd
            5 | BIG_ENDIAN    | a file of libvirt's save, its format is zstd
            6 | LITTLE_ENDIAN | a file of libvirt's save, its format is sparse, whose image begins at offset=67404
            9 | LITTLE_ENDIAN | a file of libvirt's save, its format is 9
            """)
    void shouldSayWhatLibvirtHasSaved(int format, String order, String words) throws Exception {
        ByteBuffer head = ByteBuffer.allocate(128)
                .order(order.equals("BIG_ENDIAN") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN)
                .put("LibvirtQemudSave".getBytes(StandardCharsets.US_ASCII))
                .putInt(2)
                .putInt(67312)
                .putInt(1)
                .putInt(format);
        requireFound(words, head.array());
    }

    @Test
    void shouldSayThatLibvirtHasNotFinished() throws Exception {
        byte[] magic = "LibvirtQemudPart".getBytes(StandardCharsets.US_ASCII);
        requireFound(
                "a file of libvirt's save that was not finished, there is no guest in it", beginning(magic, 0, 128));
        requireFound("a file of libvirt's save, cut off", "LibvirtQemudSave\2".getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void shouldSayThatAStreamIsNoImage() throws Exception {
        requireFound(
                "a plain migration stream, machine type pc-i440fx-10.0, convert makes an image of it",
                Golden.bytes("qemu-10.0/rounds.stream.gz"));
    }

    /** Machine types before 2.4 have no configuration: the first section follows the version. */
    @Test
    void shouldSayThatAnOldStreamIsNoImage() throws Exception {
        requireFound(
                "a plain migration stream, convert makes an image of it",
                HexFormat.of().parseHex("5145564d0000000301000000020372616d"));
    }

    /** What an image says wrongly of itself, reading it says where. */
    @Test
    void shouldLeaveADamagedHeaderToTheReader() {
        byte[] bytes = Golden.bytes("qemu-10.0/mapped-ram.image.gz");
        assertEquals(FileFormat.Kind.MAPPED_RAM, FileFormat.of(bytes).kind());
        bytes[7] = 4;
        assertEquals(FileFormat.Kind.DAMAGED_STREAM, FileFormat.of(bytes).kind());
        assertTrue(FileFormat.of(bytes).mayBeImage());
    }

    @Test
    void shouldRefuseFolderPipeAndDeviceBeforeTheyAreOpened() throws Exception {
        Path pipe = folder.resolve("pipe");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        requireKind("a folder", folder);
        requireKind("a named pipe", pipe);
        requireKind("a character device", Path.of("/dev/zero"));
    }

    private static void requireKind(String words, Path path) {
        assertEquals(
                "file must be a mapped-ram image: image=" + path + " found=\"" + words + "\"",
                assertThrows(
                                ImageException.class,
                                () -> Image.open(path, 0, MAX_RAM, false).close())
                        .getMessage());
    }
}
