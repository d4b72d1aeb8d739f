package io.pageferry.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.ChildProcess;
import io.pageferry.testing.Eventually;
import io.pageferry.testing.LeakFree;
import io.pageferry.testing.TestJvm;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a dead process was writing goes, and nothing else. */
@LeakFree
@Timeout(120)
class LeftoversTest {
    private static final int COMMITS = 200;

    @TempDir
    private Path folder;

    @TempDir
    private Path output;

    private Path image;

    @BeforeEach
    void name() {
        image = folder.resolve("an.img");
    }

    @Test
    void shouldRemoveAnImageWhenItsProcessHasBeenKilledAndNotBefore() throws Exception {
        try (ChildProcess process = begin()) {
            assertEquals(0, Leftovers.remove(image));
            assertEquals(List.of(), Leftovers.removeAll(folder, ".img"));
            assertEquals(1, names().size());
            process.kill();
        }
        assertEquals(1, names().size());
        assertEquals(1, Leftovers.remove(image));
        assertEquals(Set.of(), names());
    }

    @Test
    void shouldRemoveItWhenTheNextImageOfThatNameBegins() throws Exception {
        try (ChildProcess process = begin()) {
            process.kill();
        }
        try (PendingFile other = PendingFile.create(folder.resolve("an.img.img"), 0)) {
            other.commit();
        }
        assertEquals(2, names().size());
        try (PendingFile next = PendingFile.create(image, 0)) {
            assertEquals(2, names().size());
            next.commit();
        }
        assertEquals(Set.of("an.img", "an.img.img"), names());
    }

    private ChildProcess begin() throws Exception {
        ChildProcess process = ChildProcess.start("begun", output, TestJvm.command(BegunImage.class, image.toString()));
        Eventually.until("an image that has begun: " + process, () -> {
            assertTrue(process.isAlive(), process.toString());
            return process.stdout().text().startsWith(BegunImage.BEGUN);
        });
        return process;
    }

    @Test
    void shouldLeaveAloneWhatThisProcessIsWritingUnderTheSameName() throws Exception {
        try (PendingFile first = PendingFile.create(image, 0);
                PendingFile second = PendingFile.create(image, 0)) {
            first.openWriteback().close();
            assertEquals(0, Leftovers.remove(image));
            assertEquals(2, names().size());
            first.channel().write(ByteBuffer.wrap(new byte[1]));
            first.commit();
            second.channel().write(ByteBuffer.wrap(new byte[2]));
            second.commit();
        }
        assertEquals(2, Files.size(image));
        assertEquals(Set.of("an.img"), names());
    }

    /** Between the making of a file and its lock it looks like a dead process's. */
    @Test
    void shouldLoseNoImageWhenOthersLookForLeftoversAllTheTime() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        try (ExecutorService threads =
                Executors.newThreadPerTaskExecutor(Thread.ofPlatform().factory())) {
            Future<Void> looking = threads.submit((Callable<Void>) () -> {
                while (!done.get()) {
                    Leftovers.removeAll(folder, ".img");
                }
                return null;
            });
            try {
                List<Future<Void>> writing = Stream.of("a.img", "b.img")
                        .map(name -> threads.submit((Callable<Void>) () -> commitOften(folder.resolve(name))))
                        .toList();
                for (Future<Void> each : writing) {
                    each.get(60, TimeUnit.SECONDS);
                }
            } finally {
                done.set(true);
            }
            looking.get(60, TimeUnit.SECONDS);
        }
        assertEquals(Set.of("a.img", "b.img"), names());
    }

    @Test
    void shouldNeverHaveAnothersSidecarWhenTwoCommitAtOnce() throws Exception {
        try (ExecutorService threads =
                Executors.newThreadPerTaskExecutor(Thread.ofPlatform().factory())) {
            List<Future<Void>> writing = Stream.of("one", "two", "three")
                    .map(name -> threads.submit((Callable<Void>) () -> {
                        byte[] content = name.getBytes(StandardCharsets.US_ASCII);
                        for (int i = 0; i < COMMITS / 4; i++) {
                            try (PendingFile file = PendingFile.create(image, 0)) {
                                file.channel().write(ByteBuffer.wrap(content));
                                file.commit(content);
                            }
                        }
                        return null;
                    }))
                    .toList();
            for (Future<Void> each : writing) {
                each.get(60, TimeUnit.SECONDS);
            }
        }
        assertEquals(Set.of("an.img", "an.img.json"), names());
        assertEquals(Files.readString(image), Files.readString(SidecarFiles.sidecar(image)));
    }

    /** It died in the middle, and before anybody looked, another image got the name. */
    @Test
    void shouldNotPutASidecarBackToAnotherImageThanItsOwn() throws Exception {
        UnfinishedFiles dead = UnfinishedFiles.of(image);
        Files.writeString(image, "old");
        Files.writeString(SidecarFiles.sidecar(image), "old facts");
        Files.writeString(dead.part(), "dead");
        Files.createLink(dead.oldSidecar(), SidecarFiles.sidecar(image));
        assertTrue(dead.keepOldImage());
        Files.delete(image);
        Files.writeString(image, "another");
        Files.delete(SidecarFiles.sidecar(image));
        Files.writeString(SidecarFiles.sidecar(image), "another's facts");
        assertEquals(1, Leftovers.remove(image));
        assertEquals("another", Files.readString(image));
        assertEquals("another's facts", Files.readString(SidecarFiles.sidecar(image)));
        assertEquals(Set.of("an.img", "an.img.json"), names());
    }

    private static Void commitOften(Path target) throws IOException {
        for (int i = 1; i <= COMMITS; i++) {
            try (PendingFile file = PendingFile.create(target, 0)) {
                file.channel().write(ByteBuffer.wrap(new byte[i]));
                file.commit();
            }
            assertEquals(i, Files.size(target));
        }
        return null;
    }

    @Test
    void shouldLeaveWhatOnlyLooksLikeIt() throws Exception {
        Set<String> others = Set.of(
                ".an.img.0123456789abcde.part",
                ".an.img.0123456789abcdeg.part",
                ".an.img.0123456789ABCDEF.part",
                ".an.img.0123456789abcdef.parts",
                "an.img.0123456789abcdef.part",
                ".an.png.0123456789abcdef.part",
                ".an.png.01234567.part",
                "an.png.json",
                ".an.img.json");
        for (String name : others) {
            Files.writeString(folder.resolve(name), "somebody's");
        }
        assertEquals(0, Leftovers.remove(image));
        assertEquals(List.of(), Leftovers.removeAll(folder, ".img"));
        assertEquals(new TreeSet<>(others), names());
    }

    @Test
    void shouldNotWaitForWhatIsNoFile() throws Exception {
        List<String> fifos = List.of(
                ".an.img.0123456789abcdef.part",
                ".b.img.0123456789abcdef.old",
                ".c.img.committing",
                ".d.img.0123456789abcdef.json.part",
                "d.img");
        for (String fifo : fifos) {
            makeFifo(fifo);
        }
        for (String name : List.of("an.img", "b.img", "c.img", "d.img")) {
            assertEquals(0, Leftovers.remove(folder.resolve(name)));
        }
        assertEquals(List.of(), Leftovers.removeAll(folder, ".img"));
        assertEquals(new TreeSet<>(fifos), names());
    }

    @Test
    void shouldRefuseAtOnceToWaitForATurnThatIsNoFile() throws Exception {
        makeFifo(".an.img.committing");
        try (PendingFile file = PendingFile.create(image, 0)) {
            long begun = System.nanoTime();
            String refusal = assertThrows(ImageException.class, file::commit).getMessage();
            assertTrue(refusal.contains("regular=false"), refusal);
            assertTrue(System.nanoTime() - begun < TimeUnit.SECONDS.toNanos(5), refusal);
        }
        assertEquals(Set.of(".an.img.committing"), names());
    }

    private void makeFifo(String name) throws Exception {
        Path fifo = folder.resolve(name);
        assertEquals(0, new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor());
    }

    /** Whether their process lives cannot be known, but where nobody else writes. */
    @Test
    void shouldLeaveWhatAnOlderVersionWroteUnlessTheFolderIsOnesOwn() throws Exception {
        Path old = Files.writeString(folder.resolve(".an.img.0a1b2c3d.part"), "old");
        assertEquals(0, Leftovers.remove(image));
        assertEquals(List.of(old), Leftovers.removeAll(folder, ".img"));
        assertEquals(Set.of(), names());
    }

    @Test
    void shouldRemoveWhatBelongedToAnImageThatHasGone() throws Exception {
        for (String name : List.of("an.img.json", "an.img.ws", "another.img", "another.img.json", "another.img.ws")) {
            Files.writeString(folder.resolve(name), name);
        }
        assertEquals(List.of(), Leftovers.removeAll(folder, ".img"));
        assertEquals(Set.of("another.img", "another.img.json", "another.img.ws"), names());
    }

    private Set<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            Set<String> names = new TreeSet<>();
            files.forEach(file -> names.add(file.getFileName().toString()));
            return names;
        }
    }
}
