package io.pageferry.control.http;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** A store, as far as somebody looks at it from outside, and may change it. For any thread. */
public interface StoreFigures {
    /** A guest's newest image. */
    record Newest(UUID guest, Optional<String> owner, Instant completed) {}

    /** How many bytes can still be kept. */
    long freeBytes() throws IOException;

    /** How long all complete images are; less may be on disk, as images have holes. */
    long imageBytes();

    /** When the newest images of guests were complete; those of some guests, where they are more. */
    List<Newest> newest(int most);

    /**
     * Removes a complete image, whatever retention says of it.
     *
     * @throws IOException where there is none of that name, or it has to stay, with the reason
     */
    void remove(String image) throws IOException;
}
