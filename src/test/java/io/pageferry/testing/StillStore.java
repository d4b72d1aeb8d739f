package io.pageferry.testing;

import io.pageferry.control.http.StoreFigures;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;

/** The figures of a store with one image, on a disk of a GiB; what is removed is only noted. */
public final class StillStore implements StoreFigures {
    @Override
    public long freeBytes() {
        return 1 << 30;
    }

    @Override
    public long imageBytes() {
        return 1 << 20;
    }

    @Override
    public List<Newest> newest(int most) {
        return List.of(new Newest(new UUID(1, 2), Optional.of("CN=an owner"), Instant.EPOCH));
    }

    /** What was to be removed. */
    public final List<String> removed = new CopyOnWriteArrayList<>();

    @Override
    public void remove(String image) throws IOException {
        if (image.startsWith("kept/")) {
            throw new IOException("image must not be removed while it is sent: image=" + image);
        }
        removed.add(image);
    }
}
