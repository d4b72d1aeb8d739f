package io.pageferry.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.memory.PageBitmap;
import io.pageferry.memory.RamBlock;
import io.pageferry.memory.RamLayout;
import io.pageferry.stream.Configuration;
import io.pageferry.stream.Section;
import io.pageferry.testing.LeakFree;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Room is taken where pages come one behind the other, and is given back where none have come. */
@LeakFree
@Timeout(30)
class PageSpaceTest {
    private static final int PAGE = 4096;
    private static final int PACKET = 128 * PAGE;
    private static final long MIB = 1 << 20;
    private static final long BLOCK_BYTES = 200 * MIB;

    /** As {@code stat} counts. */
    private static final long DISK_BLOCK_BYTES = 512;

    @TempDir
    Path folder;

    private PendingFile file;
    private ImageLayout layout;
    private PageSpace space;

    @BeforeEach
    void open() throws IOException {
        file = PendingFile.create(folder.resolve("image"), 0);
        RamLayout ram = new RamLayout(PAGE, List.of("pc.ram"), new long[] {BLOCK_BYTES});
        Section section = new Section(2, Section.RAM, 0, Section.RAM_VERSION);
        layout = ImageHead.write(file.channel(), file.target(), 0, Configuration.of("pc-q35-10.0"), section, ram);
        space = file.openSpace(layout);
    }

    @AfterEach
    void close() throws IOException {
        space.close();
        file.close();
    }

    private RamBlock block() {
        return layout.ram().blocks().getFirst();
    }

    private long position(long offset) {
        return layout.position(block(), offset);
    }

    private long bytesOnDisk() throws Exception {
        try (Stream<Path> files = Files.list(folder)) {
            Process stat = new ProcessBuilder(
                            "stat",
                            "--format=%b",
                            files.findFirst().orElseThrow().toString())
                    .start();
            return Long.parseLong(new String(stat.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).trim())
                    * DISK_BLOCK_BYTES;
        }
    }

    @Test
    void shouldTakeRoomAheadOfALongRunAndNoneForAShortOne() throws Exception {
        long before = bytesOnDisk();
        space.beforeWrite(block(), position(0), 8 * PAGE);
        assertEquals(before, bytesOnDisk());
        space.beforeWrite(block(), position(0), PACKET);
        assertTrue(bytesOnDisk() >= before + 64 * MIB, () -> "before=" + before);
        assertEquals(bytesOnDisk(), space.bytesOnDisk());
    }

    @Test
    void shouldTakeNoMoreThanThePagesNeed() throws Exception {
        for (long offset = 0; offset < BLOCK_BYTES; offset += PACKET) {
            space.beforeWrite(block(), position(offset), PACKET);
        }
        assertTrue(file.channel().size() <= layout.endPosition());
        assertTrue(bytesOnDisk() >= BLOCK_BYTES);
        assertTrue(bytesOnDisk() < BLOCK_BYTES + 3 * MIB);
    }

    @Test
    void shouldGiveBackWhatNoPageHasComeForAndKeepWhatHas() throws Exception {
        byte[] pages = new byte[PACKET];
        new Random(1).nextBytes(pages);
        PageBitmap present = new PageBitmap(BLOCK_BYTES / PAGE);
        // One behind the other over a boundary of what is taken at a time, and one in the middle.
        for (long offset : new long[] {64 * MIB - PACKET / 2, 10 * MIB}) {
            space.beforeWrite(block(), position(offset), PACKET);
            file.channel().write(ByteBuffer.wrap(pages), position(offset));
            present.setRange(offset / PAGE, (offset + PACKET) / PAGE);
        }
        file.channel().force(true);
        assertTrue(bytesOnDisk() >= 128 * MIB);

        space.giveBackHoles(List.of(present));

        assertTrue(bytesOnDisk() < 4 * MIB);
        for (long offset : new long[] {64 * MIB - PACKET / 2, 10 * MIB}) {
            assertArrayEquals(pages, read(offset));
        }
    }

    private byte[] read(long offset) throws IOException {
        try (Stream<Path> files = Files.list(folder);
                FileChannel channel = FileChannel.open(files.findFirst().orElseThrow())) {
            ByteBuffer bytes = ByteBuffer.allocate(PACKET);
            FileIo.readFully(channel, bytes, position(offset), "image");
            return bytes.array();
        }
    }
}
