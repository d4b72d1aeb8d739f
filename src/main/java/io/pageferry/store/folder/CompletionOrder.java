package io.pageferry.store.folder;

import io.pageferry.checkpoint.CheckpointFacts;
import io.pageferry.image.FileLock;
import io.pageferry.image.ImageAccess;
import io.pageferry.store.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Numbers a store's images in the order in which they are completed: each number is higher than all before, whatever
 * clocks say and however often the process was killed. For any thread.
 *
 * <p>The file {@code .pageferry/order} has a number that is higher than any that was given. It is written once for many
 * numbers: a guest that stands still until its image is complete does not wait for it. Several processes may have the
 * store: whoever writes the file holds {@code .pageferry/order.lock}.
 */
final class CompletionOrder {
    /** One write to disk for so many images; a crash leaves out as many numbers at the most. */
    static final int BLOCK = 1024;

    private static final Logger LOG = LoggerFactory.getLogger(CompletionOrder.class);
    private static final int MAX_LENGTH = 32;

    /** Whoever has the turn writes a few bytes to disk. */
    private static final Duration TURN_TIMEOUT = Duration.ofSeconds(10);

    private static final long TURN_POLL_NANOS = 1_000_000;

    private final Path file;
    private long next; // guarded by this
    private long limit; // guarded by this: what the file has

    private CompletionOrder(Path file, long next) {
        this.file = file;
        this.next = next;
    }

    /**
     * Goes on where the numbers have ended.
     *
     * @param folder of the store's own files; there already
     * @param highest the highest number that an image has
     */
    static CompletionOrder open(Path folder, long highest) throws IOException {
        Path file = folder.resolve("order");
        CompletionOrder order = new CompletionOrder(file, Math.max(highest + 1, read(file)));
        order.extend();
        return order;
    }

    /**
     * Where it is gone or damaged, the images' own numbers say enough: nothing is compared with images that are not
     * there.
     */
    private static long read(Path file) throws IOException {
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return 1;
        }
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            LOG.warn("store's order must be a regular file, those of its images are used: file={}", file);
            return 1;
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            ByteBuffer text = ByteBuffer.allocate(MAX_LENGTH);
            while (text.hasRemaining() && channel.read(text) >= 0) {
                // to the end
            }
            long number = Long.parseLong(
                    StandardCharsets.US_ASCII.decode(text.flip()).toString().strip());
            if (number > 0 && number <= CheckpointFacts.MAX_KNOWN_ORDER) {
                return number;
            }
        } catch (NumberFormatException e) {
            // as with one that is out of range
        }
        LOG.warn("store's order must be a number, those of its images are used: file={}", file);
        return 1;
    }

    /** The next number. */
    synchronized long next() throws IOException {
        if (next > CheckpointFacts.MAX_ORDER) {
            throw new StoreException(
                    "store's order must not be used up, an image of it has too high a number: next=" + next);
        }
        // What is left here is lower than what another process has taken meanwhile.
        if (next == limit || read(file) != limit) {
            extend();
        }
        return next++;
    }

    private void extend() throws IOException {
        try (FileLock _ = takeTurn()) {
            next = Math.max(next, read(file));
            write(next + BLOCK);
        }
    }

    /** One process at a time reads the file and writes it. */
    private FileLock takeTurn() throws IOException {
        Path turn = file.resolveSibling("order.lock");
        ImageAccess.createWhereMissing(turn);
        long deadline = System.nanoTime() + TURN_TIMEOUT.toNanos();
        while (true) {
            FileLock lock = FileLock.hold(turn);
            if (lock != null) {
                return lock;
            }
            if (System.nanoTime() - deadline > 0) {
                throw new StoreException("store's order must be free in time: file=" + turn + " timeout="
                        + TURN_TIMEOUT.toSeconds() + "s");
            }
            LockSupport.parkNanos(TURN_POLL_NANOS);
        }
    }

    private void write(long extended) throws IOException {
        Path temporary = file.resolveSibling(".order.part");
        // Never through a link that somebody has put there: what it leads to would be overwritten.
        Files.deleteIfExists(temporary);
        ImageAccess.create(temporary);
        try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
            ByteBuffer text = StandardCharsets.US_ASCII.encode(extended + "\n");
            while (text.hasRemaining()) {
                channel.write(text);
            }
            channel.force(true);
        }
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel folder = FileChannel.open(file.getParent(), StandardOpenOption.READ)) {
            folder.force(true);
        }
        limit = extended;
    }
}
