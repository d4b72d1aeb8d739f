package io.pageferry.image;

import io.pageferry.supervision.Closeables;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Opens named pipes, which waits for whoever has the other end: by the file system's own call nobody could be
 * interrupted there. Stateless: any thread.
 */
final class NamedPipe {
    private NamedPipe() {}

    /**
     * Opens a pipe.
     *
     * @throws ClosedByInterruptException where the thread is interrupted meanwhile, as at a file
     */
    static FileChannel open(Path path, OpenOption end) throws IOException {
        FutureTask<FileChannel> opening = new FutureTask<>(() -> FileChannel.open(path, end));
        Thread opener = Thread.ofPlatform().daemon().name("open " + path).start(opening);
        try {
            return opening.get();
        } catch (InterruptedException e) {
            release(path, opener, opening);
            Thread.currentThread().interrupt();
            throw new ClosedByInterruptException();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    /** Who has both ends at once waits for nobody, and nobody waits for them. */
    private static void release(Path path, Thread opener, FutureTask<FileChannel> opening) throws IOException {
        try (FileChannel _ = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            opener.join();
            Closeables.closeQuietly(opening.resultNow());
        } catch (InterruptedException | IllegalStateException e) {
            // Once more, or there was nothing to be opened: it ends by itself.
        }
    }
}
