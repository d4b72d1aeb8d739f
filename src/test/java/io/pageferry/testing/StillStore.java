package io.pageferry.testing;

import io.pageferry.control.http.StoreFigures;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The figures of a store with one image, on a disk of a GiB. */
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
}
