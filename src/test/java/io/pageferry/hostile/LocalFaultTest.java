package io.pageferry.hostile;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.hostile.FaultyDestination.Step;
import io.pageferry.hostile.FaultyDestination.Trouble;
import io.pageferry.session.MigrationOutcome;
import io.pageferry.session.MigrationStatus;
import io.pageferry.testing.LeakFree;
import io.pageferry.testing.StreamBytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The source is good, and it is here that something goes wrong: what went wrong is what is told, and nothing is left.
 */
@LeakFree
@Timeout(60)
class LocalFaultTest {
    private static final int SHUT = 1;
    private static final int PONG = 2;

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource
    void shouldEndWithItsReasonWhenTheDiskIsFull(Step step) throws Exception {
        IOException full = new IOException("No space left on device");
        assertSame(full, failure(step, always(full)));
    }

    @ParameterizedTest
    @EnumSource
    void shouldReleaseEverythingWhenThereIsAFaultOfOurs(Step step) throws Exception {
        IllegalStateException fault = new IllegalStateException("fault");
        assertSame(fault, failure(step, () -> {
            throw fault;
        }));
    }

    @ParameterizedTest
    @EnumSource
    void shouldReleaseEverythingWhenMemoryIsShort(Step step) throws Exception {
        OutOfMemoryError shortage = new OutOfMemoryError("test");
        assertSame(shortage, failure(step, () -> {
            throw shortage;
        }));
    }

    @Test
    void shouldTellTheSourceWhenItsGuestCannotBeKept() throws Exception {
        try (Intake intake = disturbed(Step.COMPLETE, always(new IOException("disk is full")));
                Peer peer = sendAll(intake)) {
            assertEquals("disk is full", intake.awaitFailure());
            peer.awaitClosed();
            assertArrayEquals(answers(1), peer.answers(0));
        }
    }

    @Test
    void shouldTellTheSourceWhenItsGuestIsKept() throws Exception {
        try (Intake intake = disturbed(Step.COMPLETE, () -> {});
                Peer peer = sendAll(intake)) {
            assertTrue(intake.awaitEnd().completed());
            peer.awaitClosed();
            assertArrayEquals(answers(0), peer.answers(0));
        }
    }

    /** The file is there, without a name: what is written to it is lost. */
    @Test
    void shouldSayThatTheFolderIsGoneWhenItWasRemovedMeanwhile() throws Exception {
        Path home = Files.createDirectory(folder.resolve("home"));
        try (Intake intake = Intake.startDisturbed(
                        home, kept -> new FaultyDestination(kept, Step.COMPLETE, () -> remove(home)));
                Peer peer = sendAll(intake)) {
            MigrationOutcome outcome = intake.awaitEnd();
            peer.awaitClosed();
            assertEquals(MigrationStatus.FAILED, outcome.status());
            assertEquals(
                    "image must be put on disk: image=" + home.resolve("image")
                            + " reason=\"No such file or directory\"",
                    outcome.failure().orElseThrow().getMessage());
            assertFalse(Files.exists(home));
            assertArrayEquals(answers(1), peer.answers(0));
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldBeCancelledWhenInterrupted(Step step) throws Exception {
        Thread[] runner = new Thread[1];
        try (Intake intake = disturbed(step, () -> {
            runner[0].interrupt();
            awaitInterrupt();
        })) {
            runner[0] = intake.thread();
            try (Peer peer = sendAll(intake)) {
                assertEquals(MigrationStatus.CANCELLED, intake.awaitEnd().status());
                intake.requireUntouched();
                peer.awaitClosed();
            }
        }
    }

    /** Until the scope has passed it on to this thread, one of its tasks: a small image would be complete before. */
    private static void awaitInterrupt() {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!Thread.currentThread().isInterrupted() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
    }

    private Throwable failure(Step step, Trouble trouble) throws Exception {
        try (Intake intake = disturbed(step, trouble);
                Peer peer = sendAll(intake)) {
            MigrationOutcome outcome = intake.awaitEnd();
            assertEquals(MigrationStatus.FAILED, outcome.status());
            intake.requireUntouched();
            peer.awaitClosed();
            return outcome.failure().orElseThrow();
        }
    }

    private Intake disturbed(Step step, Trouble trouble) throws IOException {
        return Intake.startDisturbed(folder, kept -> new FaultyDestination(kept, step, trouble));
    }

    private static Trouble always(IOException failure) {
        return () -> {
            throw failure;
        };
    }

    /** A source with zero pages on its main channel, device state on a multifd one, and a return path. */
    private static Peer sendAll(Intake intake) throws IOException {
        Source source = Recording.QEMU_7.source();
        source.insert(1, Source.SYNC_PACKET, DeviceStateSourceTest.packet("0000:00:04.0/vfio", 0, new byte[5000]));
        Peer peer = new Peer();
        for (byte[] connection : source.connections) {
            peer.send(intake.uri(), connection, Peer.Then.SILENCE);
        }
        return peer;
    }

    /** The answer to QEMU's one PING, and the last word. */
    private static byte[] answers(int error) {
        return new StreamBytes()
                .u16(PONG)
                .u16(Integer.BYTES)
                .u32(1)
                .u16(SHUT)
                .u16(Integer.BYTES)
                .u32(error)
                .toBytes();
    }

    private static void remove(Path directory) throws IOException {
        List<Path> files;
        try (Stream<Path> listing = Files.list(directory)) {
            files = listing.toList();
        }
        for (Path file : files) {
            Files.delete(file);
        }
        Files.delete(directory);
    }
}
