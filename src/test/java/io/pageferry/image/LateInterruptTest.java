package io.pageferry.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.LeakFree;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An interrupt comes before a file has its name, and there is no file; or after, and it is too late. */
@LeakFree
@Timeout(60)
class LateInterruptTest {
    @TempDir
    private Path folder;

    @RepeatedTest(20)
    void shouldCommitWhenItIsInterruptedOnceTheFileHasItsName() throws Exception {
        Path target = folder.resolve("an.img");
        Thread committing = Thread.currentThread();
        Thread interrupting = Thread.ofPlatform().start(() -> {
            while (!Files.exists(target)) {
                Thread.onSpinWait();
            }
            committing.interrupt();
        });
        try (PendingFile file = PendingFile.create(target, 0)) {
            file.channel().write(ByteBuffer.wrap(new byte[4096]));
            file.commit();
        } finally {
            joinOnceInterrupted(interrupting);
        }
        assertEquals(4096, Files.size(target));
    }

    /** The interrupt may come during the commit or after it, but it comes; and it must not be lost. */
    private static void joinOnceInterrupted(Thread interrupting) throws InterruptedException {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            interrupting.join();
        }
    }

    @Test
    void shouldLeaveNothingWhenItIsInterruptedBefore() throws Exception {
        Path target = folder.resolve("an.img");
        boolean cancelled = false;
        try (PendingFile file = PendingFile.create(target, 0)) {
            file.channel().write(ByteBuffer.wrap(new byte[4096]));
            Thread.currentThread().interrupt();
            file.commit();
        } catch (ClosedByInterruptException e) {
            cancelled = true;
        } finally {
            Thread.interrupted();
        }
        assertTrue(cancelled);
        assertEquals(0, filesThere());
    }

    private long filesThere() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.count();
        }
    }
}
