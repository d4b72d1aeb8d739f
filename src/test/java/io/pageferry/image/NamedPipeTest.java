package io.pageferry.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.pageferry.testing.Eventually;
import io.pageferry.testing.LeakFree;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Both ends of a named pipe wait for each other, unless they are interrupted. */
@LeakFree
@Timeout(30)
class NamedPipeTest {
    @TempDir
    Path folder;

    private Path pipe;

    @BeforeEach
    void makePipe() throws Exception {
        pipe = folder.resolve("pipe");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
    }

    @Test
    void shouldOpenBothEndsWhenEachIsWanted() throws Exception {
        CompletableFuture<Integer> read = new CompletableFuture<>();
        Thread reader = Thread.ofPlatform().start(() -> {
            try (FileChannel end = NamedPipe.open(pipe, StandardOpenOption.READ)) {
                read.complete(end.read(ByteBuffer.allocate(8)));
            } catch (IOException e) {
                read.completeExceptionally(e);
            }
        });
        try (FileChannel end = NamedPipe.open(pipe, StandardOpenOption.WRITE)) {
            end.write(ByteBuffer.wrap(new byte[5]));
        }
        assertEquals(5, read.get());
        reader.join();
    }

    @ParameterizedTest
    @EnumSource(
            value = StandardOpenOption.class,
            names = {"READ", "WRITE"})
    void shouldEndByInterruptWhenTheOtherEndDoesNotCome(OpenOption end) throws Exception {
        CompletableFuture<Throwable> thrown = new CompletableFuture<>();
        Thread waiting = Thread.ofPlatform().start(() -> {
            try {
                NamedPipe.open(pipe, end).close();
                thrown.complete(null);
            } catch (Throwable e) {
                thrown.complete(e);
            }
        });
        Eventually.until("wait for the other end", () -> waiting.getState() == Thread.State.WAITING);
        waiting.interrupt();
        assertInstanceOf(ClosedByInterruptException.class, thrown.get());
        waiting.join();
    }
}
