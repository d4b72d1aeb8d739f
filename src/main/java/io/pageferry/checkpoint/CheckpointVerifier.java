package io.pageferry.checkpoint;

import io.pageferry.memory.PageBitmap;
import io.pageferry.memory.RamBlock;
import io.pageferry.stream.DeviceStateSource;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Reads a checkpoint from end to end. Where its parts lie was checked when it was opened. Where it has no checksums, as
 * an image has none, a byte of a page that has changed on its own cannot be seen. Used once.
 */
public final class CheckpointVerifier {
    private static final int BUFFER_BYTES = 1 << 20;

    private final Checkpoint checkpoint;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);

    private long pages;
    private long bytesBesideRam;

    private CheckpointVerifier(Checkpoint checkpoint) {
        this.checkpoint = checkpoint;
    }

    /**
     * What was read.
     *
     * @param pages how many are present
     * @param bytesBesideRam device state that came on the channels
     */
    public record Verified(long pages, long bytesBesideRam) {}

    /**
     * Verifies a checkpoint.
     *
     * @throws IOException with what is wrong, the first of it
     */
    public static Verified verify(Checkpoint checkpoint) throws IOException {
        CheckpointVerifier verifier = new CheckpointVerifier(checkpoint);
        for (RamBlock block : checkpoint.layout().blocks()) {
            verifier.readPages(block);
        }
        checkpoint.deviceState().requireAsDescribed();
        verifier.readStateBesideRam();
        return new Verified(verifier.pages, verifier.bytesBesideRam);
    }

    private void readPages(RamBlock block) throws IOException {
        PageBitmap present = checkpoint.present(block);
        int most = BUFFER_BYTES / block.pageSizeBytes();
        for (long page = present.nextSet(0); page < present.pages(); page = present.nextSet(page)) {
            long end = Math.min(present.nextClear(page), page + most);
            buffer.clear().limit((int) (end - page) * block.pageSizeBytes());
            checkpoint.read(block, page * block.pageSizeBytes(), buffer);
            pages += end - page;
            page = end;
        }
    }

    private void readStateBesideRam() throws IOException {
        DeviceStateSource source = checkpoint.deviceStateBesideRam();
        for (int piece = 0; piece < source.pieces().size(); piece++) {
            int length = source.pieces().get(piece).lengthBytes();
            for (int offset = 0; offset < length; offset += buffer.limit()) {
                buffer.clear().limit(Math.min(BUFFER_BYTES, length - offset));
                source.read(piece, offset, buffer);
            }
            bytesBesideRam += length;
        }
    }
}
