package io.pageferry.hostile;

import static io.pageferry.hostile.PlainSource.ZERO;
import static io.pageferry.hostile.PlainSource.compressed;
import static io.pageferry.hostile.PlainSource.deflate;
import static io.pageferry.hostile.PlainSource.idlePart;
import static io.pageferry.hostile.PlainSource.page;
import static io.pageferry.hostile.PlainSource.record;
import static io.pageferry.hostile.PlainSource.xbzrle;
import static io.pageferry.hostile.Source.DEVICE_STATE;
import static io.pageferry.hostile.Source.PAGE;
import static io.pageferry.hostile.Source.SETUP_SECTION;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pageferry.config.MigrationUri;
import io.pageferry.image.Image;
import io.pageferry.session.MigrationOutcome;
import io.pageferry.session.MigrationStatus;
import io.pageferry.testing.Eventually;
import io.pageferry.testing.LeakFree;
import io.pageferry.testing.SectionBytes;
import io.pageferry.testing.StreamBytes;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A source without multifd that does what it may, however odd that is: its guest is taken. */
@LeakFree
@Timeout(60)
class PlainSourceTest {
    private static final int MAIN = 0;
    private static final int PAGES_OFFSET = 1 << 20;

    @TempDir
    Path folder;

    @Test
    void shouldKeepWhatCameLastOfEachPage() throws Exception {
        StreamBytes records = new StreamBytes()
                .raw(xbzrle(0, (byte) 5, (byte) 1, (byte) 9).toBytes())
                .raw(xbzrle(0, (byte) 6, (byte) 1, (byte) 8).toBytes())
                .raw(xbzrle(0).toBytes())
                .raw(compressed(1, deflate(page(2))).toBytes())
                .raw(record(2, PlainSource.PAGE_RECORD).raw(page(3)).toBytes())
                .raw(record(2, ZERO).u8(0).toBytes())
                .raw(record(3, ZERO).u8(0).toBytes())
                .raw(record(3, PlainSource.PAGE_RECORD).raw(page(4)).toBytes())
                // of a page that was zero so far, as the source's own cache may have it
                .raw(xbzrle(63, (byte) 0, (byte) 1, (byte) 7).toBytes());
        take(new PlainSource().records(records).toBytes());
        byte[] file = Files.readAllBytes(folder.resolve("image"));
        assertEquals(1, file[PAGES_OFFSET]);
        assertEquals(9, file[PAGES_OFFSET + 5]);
        assertEquals(8, file[PAGES_OFFSET + 6]);
        assertEquals(2, file[PAGES_OFFSET + PAGE]);
        assertEquals(4, file[PAGES_OFFSET + 3 * PAGE]);
        assertEquals(7, file[PAGES_OFFSET + 63 * PAGE]);
        assertEquals(4, presentPages()); // what is in the place of the third is not of the guest any more
    }

    /** More than is looked at to find out whether it has channels. */
    @Test
    void shouldTakeAGuestWhoseFirstPagesAreAllZero() throws Exception {
        StreamBytes zeros = new StreamBytes()
                .raw(new PlainSource().beginning())
                .u8(SectionBytes.PART)
                .u32(PlainSource.RAM_SECTION)
                .u64(ZERO)
                .name("pc.ram")
                .u8(0);
        for (int i = 0; i < 10_000; i++) {
            zeros.raw(record(i % 64, ZERO).u8(0).toBytes());
        }
        byte[] rest = new PlainSource().toBytes();
        int parts = new PlainSource().beginning().length;
        zeros.raw(PlainSource.endOfRecords()).raw(Arrays.copyOfRange(rest, parts, rest.length));
        take(zeros.toBytes());
        assertEquals(1, presentPages());
    }

    /** As many as QEMU has been seen to send. */
    @Test
    void shouldTakeAGuestAmongThousandsOfIdleSections() throws Exception {
        PlainSource source = new PlainSource();
        StreamBytes idle = new StreamBytes();
        for (int i = 0; i < 20_000; i++) {
            idle.raw(idlePart());
        }
        source.behindPart = idle.toBytes();
        take(source.toBytes());
        assertEquals(1, presentPages());
    }

    @Test
    void shouldTakeASnapshotThatHasNoEndOfRam() throws Exception {
        PlainSource source = new PlainSource();
        source.endOfRam = new byte[0];
        source.deviceState = PlainSource.deviceState(PlainSource.device(8), PlainSource.described());
        take(source.toBytes());
    }

    /** Every guest that Proxmox VE migrates has it; its end comes behind RAM's. */
    @ParameterizedTest
    @ValueSource(ints = {0, 300, 200_000})
    void shouldKeepAProxmoxGuestsBackupState(int lengthBytes) throws Exception {
        PlainSource source = new PlainSource();
        source.beforeRam = SectionBytes.pbsState(7, lengthBytes);
        source.behindRam = SectionBytes.next(SectionBytes.END, 7, new byte[0]);
        take(source.toBytes());
        requireKept(source.beforeRam.length + source.behindRam.length);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 300, 200_000})
    void shouldKeepAProxmoxGuestsBackupStateWithMultifd(int lengthBytes) throws Exception {
        byte[] state = SectionBytes.pbsState(7, lengthBytes);
        byte[] end = SectionBytes.next(SectionBytes.END, 7, new byte[0]);
        Source source = new Source().insert(MAIN, DEVICE_STATE, end).insert(MAIN, SETUP_SECTION, state);
        try (Intake intake = Intake.start(folder);
                Peer peer = new Peer()) {
            for (byte[] connection : source.connections) {
                peer.send(intake.uri(), connection, Peer.Then.CLOSE);
            }
            requireCompleted(intake);
            peer.awaitClosed();
        }
        requireKept(state.length + end.length);
    }

    private void requireKept(int sectionBytes) throws Exception {
        try (Image image = Image.open(folder.resolve("image"), 0, 1 << 20, false)) {
            image.deviceState().requireAsDescribed();
            assertEquals(
                    sectionBytes + PlainSource.deviceState(new byte[0], "").length,
                    image.deviceState().lengthBytes());
        }
    }

    /** Slower than the stall-timeout in all, but never silent for as long. */
    @Test
    void shouldTakeAGuestWhoseSourceIsSlow() throws Exception {
        Duration stall = Duration.ofMillis(500);
        StreamBytes records = new StreamBytes();
        for (int i = 1; i < 20; i++) {
            records.raw(record(i, PlainSource.PAGE_RECORD).raw(page(i)).toBytes());
        }
        byte[] stream = new PlainSource().records(records).toBytes();
        try (Intake intake = Intake.start(folder, stall);
                SocketChannel socket = connect(intake)) {
            for (int at = 0; at < stream.length; at += PAGE + 100) {
                write(socket, stream, at, Math.min(stream.length, at + PAGE + 100));
                LockSupport.parkNanos(stall.toNanos() / 10);
            }
            socket.shutdownOutput();
            requireCompleted(intake);
        }
        assertEquals(20, presentPages());
    }

    /** Pages have come with the main stream, so whoever comes now is of no such source. */
    @Test
    void shouldNotWaitForNorTakeAChannelThatComesLate() throws Exception {
        byte[] stream = new PlainSource().toBytes();
        int part = new PlainSource().beginning().length + PAGE + 200;
        int begun = Math.min(part, stream.length - 10);
        try (Intake intake = Intake.start(folder);
                SocketChannel socket = connect(intake)) {
            write(socket, stream, 0, begun);
            Eventually.until("beginning", () -> intake.migration().progress().status() == MigrationStatus.ACTIVE);
            try (SocketChannel late = connect(intake)) {
                byte[] channel = new Source().channel0();
                write(late, channel, 0, channel.length);
            } catch (IOException e) {
                // Nobody listens any more, or it was closed.
            }
            write(socket, stream, begun, stream.length);
            socket.shutdownOutput();
            requireCompleted(intake);
        }
        assertEquals(1, presentPages());
    }

    private void take(byte[] stream) throws Exception {
        try (Intake intake = Intake.start(folder);
                Peer peer = new Peer()) {
            peer.send(intake.uri(), stream, Peer.Then.CLOSE);
            requireCompleted(intake);
            peer.awaitClosed();
        }
    }

    private static SocketChannel connect(Intake intake) throws IOException {
        MigrationUri.Tcp uri = (MigrationUri.Tcp) intake.uri();
        return SocketChannel.open(new InetSocketAddress(uri.host(), uri.port()));
    }

    private static void write(SocketChannel socket, byte[] bytes, int from, int to) throws IOException {
        ByteBuffer rest = ByteBuffer.wrap(bytes, from, to - from);
        while (rest.hasRemaining()) {
            socket.write(rest);
        }
    }

    private static void requireCompleted(Intake intake) throws Exception {
        MigrationOutcome outcome = intake.awaitEnd();
        assertEquals(MigrationStatus.COMPLETED, outcome.status(), String.valueOf(outcome.failure()));
    }

    private long presentPages() throws Exception {
        try (Image image = Image.open(folder.resolve("image"), 0, 1 << 20, false)) {
            return image.present(image.layout().block(0)).count();
        }
    }
}
