package io.pageferry.qemu;

import io.pageferry.checkpoint.CheckpointFacts;
import io.pageferry.checkpoint.CheckpointWriter;
import io.pageferry.checkpoint.SpaceReservation;
import io.pageferry.config.MigrationParameters;
import io.pageferry.image.Image;
import io.pageferry.image.ImageAccess;
import io.pageferry.image.PendingImage;
import io.pageferry.memory.BufferPool;
import io.pageferry.memory.IoVector;
import io.pageferry.memory.PageBatch;
import io.pageferry.memory.PageBitmap;
import io.pageferry.memory.PageReader;
import io.pageferry.memory.PageSink;
import io.pageferry.memory.PageWriter;
import io.pageferry.memory.RamBlock;
import io.pageferry.stream.DeviceStatePiece;
import io.pageferry.testing.Eventually;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Device state beside RAM, and what QEMU makes of it. Only vfio devices send and take any, and there are none here; but
 * a QEMU without them says of each packet whose it is before it refuses it, so that our packets are seen to be its own.
 */
@RealQemu
@Timeout(120)
class DeviceStateIT {
    private static final MigrationParameters PARAMETERS =
            MigrationParameters.builder().multifdChannels(1).build();

    /**
     * More than sockets hold behind the first one: where all has been sent when QEMU's channel fails, its main thread
     * waits for a sync of that channel that will never come, and nothing is said.
     */
    private static final int PIECES = 4;

    private static final int PIECE_BYTES = 16 << 20;

    @TempDir
    Path folder;

    @Test
    void shouldSendPacketsThatQemuUnderstands() throws Exception {
        Path image = imageWithDeviceState();
        try (Qemu destination = paused().incoming().start();
                Replay replay = Replay.start(image, destination.listen(PARAMETERS.multifdChannels()), PARAMETERS)) {
            replay.awaitFailed();
            awaitWords(destination, "Unknown idstr 0000:00:04.0/vfio or instance id 3 for load state buffer");
        }
    }

    @Test
    void shouldKeepImagesThatQemuRefusesByNameRatherThanLosingIt() throws Exception {
        Path image = imageWithDeviceState();
        try (Qemu destination = paused().incoming().start()) {
            destination.enable("multifd", "mapped-ram").migrateIncoming("file:" + image);
            awaitWords(destination, "Received unknown capability x-multifd-device-state");
        }
    }

    private void awaitWords(Qemu qemu, String words) {
        Eventually.until("\"" + words + "\" from " + qemu, () -> qemu.toString().contains(words));
    }

    private Qemu.Builder paused() {
        return Qemu.of(QemuVersion.V10_0, folder).anonymousRam().paused();
    }

    /** A QEMU's guest, as if one of its devices had sent state beside its RAM. */
    private Path imageWithDeviceState() throws Exception {
        Path received = folder.resolve("received");
        try (Qemu source = paused().start()) {
            Reception.take(source, received, PARAMETERS);
        }
        Path path = folder.resolve("image");
        try (Image from = Image.open(received, 0, Long.MAX_VALUE, false);
                BufferPool buffers = new BufferPool(512 * 1024, 513, 1);
                CheckpointWriter to =
                        PendingImage.create(path, 0, buffers, false, ImageAccess.OWNER, SpaceReservation.UNLIMITED)) {
            copyPages(from, to.begin(from.configuration(), from.ramSection(), from.layout()));
            for (int i = 0; i < PIECES; i++) {
                DeviceStatePiece piece = new DeviceStatePiece("0000:00:04.0/vfio", 3, PIECE_BYTES);
                to.deviceStateSink().take(piece, into -> into.position(into.limit()));
            }
            to.finish(from.deviceState());
            to.complete(CheckpointFacts.NONE);
        }
        return path;
    }

    private static void copyPages(Image from, PageSink to) throws Exception {
        PageBatch batch = new PageBatch(0, 1);
        IoVector pages = new IoVector(1);
        try (PageReader reader = from.openReader();
                PageWriter writer = to.openWriter()) {
            for (RamBlock block : from.layout().blocks()) {
                PageBitmap present = from.present(block);
                for (long page = present.nextSet(0); page < present.pages(); page = present.nextSet(page + 1)) {
                    batch.begin(block);
                    batch.add(page * block.pageSizeBytes());
                    pages.clear();
                    writer.prepare(batch, pages);
                    reader.read(batch, pages);
                    writer.commit(batch);
                }
            }
            writer.flush();
        }
    }
}
