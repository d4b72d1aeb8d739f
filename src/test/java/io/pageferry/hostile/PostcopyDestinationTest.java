package io.pageferry.hostile;

import static io.pageferry.hostile.SpoiltSourceTest.requireMatch;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationCapability;
import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.config.PostcopySettings;
import io.pageferry.guest.GuestShape;
import io.pageferry.guest.SyntheticGuest;
import io.pageferry.guest.SyntheticOutgoingGuest;
import io.pageferry.hostile.PostcopyModel.Page;
import io.pageferry.image.Image;
import io.pageferry.memory.PageBitmap;
import io.pageferry.memory.RamBlock;
import io.pageferry.session.MigrationOutcome;
import io.pageferry.session.MigrationStatus;
import io.pageferry.session.OutgoingMigration;
import io.pageferry.session.OutgoingPostcopy;
import io.pageferry.testing.LeakFree;
import io.pageferry.testing.StreamBytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A destination of postcopy that asks for whatever it likes: each page is sent to it once, those that are not zero all
 * of them, or it is told what is wrong.
 */
@LeakFree
@Timeout(60)
class PostcopyDestinationTest {
    private static final Duration STALL = Duration.ofMillis(300);
    private static final Duration PATIENT = Duration.ofSeconds(30);
    private static final long DEADLINE_SECONDS = 30;
    private static final int LISTEN = -4;
    private static final int RUN = -5;
    private static final long GUEST_BYTES = 16L << 20;
    private static final long PAGES = GUEST_BYTES / PostcopyModel.PAGE;
    private static final long SEED = 22;

    @TempDir
    static Path folder;

    private static Path file;

    @BeforeAll
    static void makeImage() {
        file = folder.resolve("image");
        try (SyntheticGuest guest = new SyntheticGuest(new GuestShape(GUEST_BYTES, 0, 0.5, 0, 1))) {
            MigrationOutcome made = OutgoingMigration.of(
                            new SyntheticOutgoingGuest(guest),
                            new MigrationUri.ImageFile(file, 0),
                            Optional.empty(),
                            MigrationParameters.defaults())
                    .run();
            assertEquals(MigrationStatus.COMPLETED, made.status(), String.valueOf(made.failure()));
        }
    }

    /** What a destination does, from its first byte on. */
    @FunctionalInterface
    private interface Behaviour {
        void serve(PostcopyModel model) throws IOException;
    }

    private static MigrationOutcome send(Behaviour behaviour, Duration stallTimeout) throws Exception {
        CompletableFuture<Void> served = new CompletableFuture<>();
        MigrationParameters parameters = MigrationParameters.builder()
                .disable(MigrationCapability.MULTIFD)
                .stallTimeout(stallTimeout)
                .build();
        try (Destination destination = Destination.start((_, connection) -> {
            try {
                behaviour.serve(new PostcopyModel(connection));
                served.complete(null);
            } catch (Throwable e) {
                served.completeExceptionally(e);
                throw e;
            }
        })) {
            MigrationOutcome outcome = OutgoingPostcopy.of(
                            () -> Image.open(file, 0, parameters.maxRam(), false),
                            destination.uri(),
                            Optional.empty(),
                            parameters,
                            PostcopySettings.DEFAULTS)
                    .run();
            if (outcome.completed()) {
                served.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
            }
            return outcome;
        }
    }

    /** All that has come, by block and offset. */
    private static final class Pages {
        private final Map<String, Page> taken = new HashMap<>();

        void take(Page page) throws IOException {
            assertNotNull(page, "stream must not end here");
            if (taken.put(page.block() + "@" + page.offset(), page) != null) {
                throw new IOException("page must come once: block=" + page.block() + " offset=" + page.offset());
            }
        }

        void takeAll(PostcopyModel model) throws IOException {
            for (Page page = model.takePage(); page != null; page = model.takePage()) {
                take(page);
            }
        }

        /** Compares them with the image's. */
        void requireAllOfImage() throws IOException {
            try (Image image = Image.open(file, 0, GUEST_BYTES, false)) {
                for (RamBlock block : image.layout().blocks()) {
                    PageBitmap present = image.present(block);
                    for (long page = 0; page < block.pages(); page++) {
                        Page came = taken.remove(block.name() + "@" + page * PostcopyModel.PAGE);
                        if (!present.isSet(page)) {
                            assertTrue(came == null || came.content().length == 0, "page is zero: page=" + page);
                            continue;
                        }
                        assertNotNull(came, "page must come: page=" + page);
                        ByteBuffer expected = ByteBuffer.allocate(PostcopyModel.PAGE);
                        image.read(block, page * PostcopyModel.PAGE, expected);
                        assertArrayEquals(expected.array(), came.content(), "page=" + page);
                    }
                }
            }
            assertEquals(Map.of(), taken, "pages that there are none of");
        }
    }

    private static void completes(Behaviour behaviour) throws Exception {
        MigrationOutcome outcome = send(behaviour, PATIENT);
        assertEquals(MigrationStatus.COMPLETED, outcome.status(), String.valueOf(outcome.failure()));
    }

    private static String blockOf(PostcopyModel model) {
        return model.blocks().keySet().iterator().next();
    }

    @Test
    void shouldSendAllPagesOnceWhenNoneIsAskedFor() throws Exception {
        Pages pages = new Pages();
        completes(model -> {
            assertEquals(List.of(LISTEN, 3, PostcopyModel.PONG_LOADED, RUN), model.takePackage());
            assertEquals(model.blocks(), model.discarded());
            model.say(PostcopyModel.pong(PostcopyModel.PONG_LOADED));
            pages.takeAll(model);
            model.say(PostcopyModel.shut(0));
        });
        pages.requireAllOfImage();
    }

    /** Loading device state may touch RAM. Anything else that came would keep that waiting. */
    @Test
    void shouldAnswerAndPushNothingBeforeDeviceStateIsLoaded() throws Exception {
        Pages pages = new Pages();
        completes(model -> {
            model.takePackage();
            for (long page = PAGES; page-- > 0; ) {
                long offset = page * PostcopyModel.PAGE;
                model.say(PostcopyModel.request(blockOf(model), offset, PostcopyModel.PAGE));
                Page answer = model.takePage();
                assertEquals(offset, answer.offset());
                pages.take(answer);
            }
            model.say(PostcopyModel.pong(PostcopyModel.PONG_LOADED));
            assertEquals(null, model.takePage(), "all were sent");
            model.say(PostcopyModel.shut(0));
        });
        pages.requireAllOfImage();
    }

    /** As often as it likes, in any order, more than once, before and while pages are pushed. */
    @Test
    void shouldSendEachPageOnceWhenTenThousandAreAskedForAtOnce() throws Exception {
        Pages pages = new Pages();
        completes(model -> {
            model.takePackage();
            CompletableFuture<Void> asked = new CompletableFuture<>();
            Thread asking = Thread.ofVirtual().start(() -> {
                try {
                    askAtRandom(model, 10_000);
                    asked.complete(null);
                } catch (IOException e) {
                    asked.completeExceptionally(e);
                }
            });
            pages.takeAll(model);
            asked.join();
            asking.interrupt();
            model.say(PostcopyModel.shut(0));
        });
        pages.requireAllOfImage();
    }

    private static void askAtRandom(PostcopyModel model, int requests) throws IOException {
        Random random = new Random(SEED);
        model.say(PostcopyModel.request(blockOf(model), 0, PostcopyModel.PAGE));
        for (int i = 0; i < requests; i++) {
            long start = random.nextLong(PAGES);
            long length = 1 + random.nextLong(Math.min(600, PAGES - start));
            model.say(PostcopyModel.requestOfTheSame(start * PostcopyModel.PAGE, length * PostcopyModel.PAGE));
            if (i == requests / 10) {
                model.say(PostcopyModel.pong(PostcopyModel.PONG_LOADED));
            }
        }
    }

    private static Arguments row(String what, StreamBytes said, String line) {
        return Arguments.of(what, said, line);
    }

    static Stream<Arguments> nonsense() {
        String block = "ram";
        String askWhole = "destination must ask for whole pages of a RAM block: block=" + block + " ";
        return Stream.of(
                row(
                        "unknown block",
                        PostcopyModel.request("pc.bios", 0, PostcopyModel.PAGE),
                        "destination must ask for pages of a RAM block that there is: block=pc.bios*"),
                row(
                        "block of a request before the first",
                        PostcopyModel.requestOfTheSame(0, PostcopyModel.PAGE),
                        "destination must ask for pages of a RAM block that there is: block=none yet*"),
                row(
                        "behind the block",
                        PostcopyModel.request(block, GUEST_BYTES, PostcopyModel.PAGE),
                        askWhole + "start=0x1000000 length=0x1000 blockLength=0x1000000*"),
                row(
                        "across the end of the block",
                        PostcopyModel.request(block, GUEST_BYTES - PostcopyModel.PAGE, 2 * PostcopyModel.PAGE),
                        askWhole + "start=0xfff000 length=0x2000 blockLength=0x1000000*"),
                row(
                        "at a negative address",
                        PostcopyModel.request(block, -PostcopyModel.PAGE, PostcopyModel.PAGE),
                        askWhole + "start=0xfffffffffffff000 length=0x1000 blockLength=0x1000000*"),
                row("no length", PostcopyModel.request(block, 0, 0), askWhole + "start=0x0 length=0x0 *"),
                row(
                        "all there is and more",
                        PostcopyModel.request(block, 0, 0xffff_f000L),
                        askWhole + "start=0x0 length=0xfffff000 *"),
                row("part of a page", PostcopyModel.request(block, 0, 512), askWhole + "start=0x0 length=0x200 *"),
                row(
                        "middle of a page",
                        PostcopyModel.request(block, 512, PostcopyModel.PAGE),
                        askWhole + "start=0x200 length=0x1000 *"),
                row(
                        "a bitmap nobody has asked for",
                        new StreamBytes().u16(5).u16(4).name(block),
                        "destination must not answer what it was not asked: message=RECV_BITMAP*"),
                row(
                        "a resume nobody has asked for",
                        new StreamBytes().u16(6).u16(4).u32(1),
                        "destination must not answer what it was not asked: message=RESUME_ACK*"),
                row(
                        "a PONG to no PING",
                        PostcopyModel.pong(99),
                        "PONG must answer a PING: number=99 sent=1 to 3 and 66*"),
                row(
                        "no message",
                        new StreamBytes().u16(99).u16(0),
                        "return path message must be one of a postcopy migration: type=99 position=4*"),
                row(
                        "its failure",
                        PostcopyModel.shut(5),
                        "destination must take the guest, it says that it failed (its log says why): error=5*"),
                row(
                        "its success",
                        PostcopyModel.shut(0),
                        "destination must not be done before all is sent: message=SHUT*"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("nonsense")
    void shouldFailWithOneLineWhenDestinationSays(String what, StreamBytes said, String line) throws Exception {
        MigrationOutcome outcome = send(
                model -> {
                    model.takePackage();
                    model.say(said);
                    Destination.keep();
                },
                PATIENT);
        assertEquals(MigrationStatus.FAILED, outcome.status());
        String message = outcome.failure().orElseThrow().getMessage();
        requireMatch(line, message);
        assertTrue(message.contains(" handed-over=\"cannot be known: "), message);
    }

    @Test
    void shouldSayThatTheGuestIsThereInPartWhenItsDestinationCloses() throws Exception {
        MigrationOutcome outcome = send(
                model -> {
                    model.takePackage();
                    model.say(PostcopyModel.pong(PostcopyModel.PONG_LOADED));
                    model.takePage();
                },
                PATIENT);
        assertEquals(MigrationStatus.FAILED, outcome.status());
        String message = outcome.failure().orElseThrow().getMessage();
        assertTrue(message.startsWith("destination must answer before it closes (its log says why): "), message);
        assertTrue(message.contains(" handed-over=\"in part: "), message);
    }

    @Test
    void shouldSayNothingOfTheGuestWhenItWasNotSent() throws Exception {
        MigrationOutcome outcome = send(_ -> {}, PATIENT);
        assertEquals(MigrationStatus.FAILED, outcome.status());
        String message = outcome.failure().orElseThrow().getMessage();
        assertTrue(message.startsWith("destination must answer before it closes (its log says why): "), message);
    }

    /** At each place where something must come. */
    @Test
    void shouldNotWaitForEverWhenDestinationIsSilent() throws Exception {
        List<Behaviour> silences = new ArrayList<>();
        silences.add(_ -> Destination.keep());
        silences.add(model -> {
            model.takePackage();
            Destination.keep();
        });
        silences.add(model -> {
            model.takePackage();
            model.say(PostcopyModel.pong(PostcopyModel.PONG_LOADED));
            Destination.keep();
        });
        silences.add(model -> {
            model.takePackage();
            model.say(PostcopyModel.pong(PostcopyModel.PONG_LOADED));
            new Pages().takeAll(model);
            Destination.keep();
        });
        for (Behaviour silence : silences) {
            MigrationOutcome outcome = send(silence, STALL);
            assertEquals(MigrationStatus.FAILED, outcome.status());
            requireMatch(
                    "peer must not be silent for longer than stall-timeout: *",
                    outcome.failure().orElseThrow().getMessage());
        }
    }
}
