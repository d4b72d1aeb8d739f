package io.pageferry.image;

import io.pageferry.memory.PageBitmap;
import io.pageferry.memory.RamBlock;
import io.pageferry.stream.DeviceStateSource;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Reads an image from end to end. Where its parts lie was checked when it was opened. An image has no checksums: a byte
 * of a page that has changed on its own cannot be seen. Used once.
 */
public final class ImageVerifier {
    private static final int BUFFER_BYTES = 1 << 20;

    private final Image image;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);

    private long pages;
    private long bytesBesideRam;

    private ImageVerifier(Image image) {
        this.image = image;
    }

    /**
     * What was read.
     *
     * @param pages how many are present
     * @param bytesBesideRam device state that came on the channels
     */
    public record Verified(long pages, long bytesBesideRam) {}

    /**
     * Verifies an image.
     *
     * @throws IOException with what is wrong, the first of it
     */
    public static Verified verify(Image image) throws IOException {
        ImageVerifier verifier = new ImageVerifier(image);
        for (RamBlock block : image.layout().blocks()) {
            verifier.readPages(block);
        }
        image.deviceState().requireAsDescribed();
        verifier.readStateBesideRam();
        return new Verified(verifier.pages, verifier.bytesBesideRam);
    }

    private void readPages(RamBlock block) throws IOException {
        PageBitmap present = image.present(block);
        int most = BUFFER_BYTES / block.pageSizeBytes();
        for (long page = present.nextSet(0); page < present.pages(); page = present.nextSet(page)) {
            long end = Math.min(present.nextClear(page), page + most);
            buffer.clear().limit((int) (end - page) * block.pageSizeBytes());
            image.readAt(block, page * block.pageSizeBytes(), buffer);
            pages += end - page;
            page = end;
        }
    }

    private void readStateBesideRam() throws IOException {
        DeviceStateSource source = image.deviceStateBesideRam();
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
