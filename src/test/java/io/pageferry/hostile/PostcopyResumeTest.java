package io.pageferry.hostile;

import static io.pageferry.hostile.SpoiltSourceTest.requireMatch;
import static org.junit.jupiter.api.Assertions.assertEquals;
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
import io.pageferry.session.MigrationOutcome;
import io.pageferry.session.MigrationStatus;
import io.pageferry.session.OutgoingMigration;
import io.pageferry.session.OutgoingPostcopy;
import io.pageferry.testing.LeakFree;
import io.pageferry.testing.StreamBytes;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A destination of postcopy after a break: what it says it has is not sent, and all else is, once. */
@LeakFree
@Timeout(60)
class PostcopyResumeTest {
    private static final long DEADLINE_SECONDS = 30;
    private static final String BLOCK = "ram";
    private static final int RAM_SECTION = 1;
    private static final long END = 0x0123456789abcdefL;
    private static final int PAGES = 1000; // not whole words
    private static final long GUEST_BYTES = (long) PAGES * PostcopyModel.PAGE;
    private static final int WORDS = (PAGES + 63) / 64;
    private static final long SIZE = (long) WORDS * Long.BYTES;
    private static final PostcopySettings RESUME = PostcopySettings.DEFAULTS.resuming();

    @TempDir
    static Path folder;

    private static Path file;

    @BeforeAll
    static void makeImage() {
        file = folder.resolve("image");
        try (SyntheticGuest guest = new SyntheticGuest(new GuestShape(GUEST_BYTES, 0, 0, 0, 1))) {
            MigrationOutcome made = OutgoingMigration.of(
                            new SyntheticOutgoingGuest(guest),
                            new MigrationUri.ImageFile(file, 0),
                            Optional.empty(),
                            MigrationParameters.defaults())
                    .run();
            assertEquals(MigrationStatus.COMPLETED, made.status(), String.valueOf(made.failure()));
        }
    }

    @FunctionalInterface
    private interface Behaviour {
        void serve(int connection, PostcopyModel model) throws IOException;
    }

    private static MigrationOutcome send(PostcopySettings settings, Behaviour behaviour) throws Exception {
        Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
        CompletableFuture<Void> served = new CompletableFuture<>();
        MigrationParameters parameters = MigrationParameters.builder()
                .disable(MigrationCapability.MULTIFD)
                .build();
        try (Destination destination = Destination.start((number, connection) -> {
            try {
                behaviour.serve(number, new PostcopyModel(connection));
                served.complete(null);
            } catch (Throwable e) {
                failures.add(e);
                throw e;
            }
        })) {
            MigrationOutcome outcome = OutgoingPostcopy.of(
                            () -> Image.open(file, 0, parameters.maxRam(), false),
                            destination.uri(),
                            Optional.empty(),
                            parameters,
                            settings)
                    .run();
            if (outcome.completed()) {
                served.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
                assertEquals(new ArrayList<>(), new ArrayList<>(failures));
            }
            return outcome;
        }
    }

    private static void completes(PostcopySettings settings, Behaviour behaviour) throws Exception {
        MigrationOutcome outcome = send(settings, behaviour);
        assertEquals(MigrationStatus.COMPLETED, outcome.status(), String.valueOf(outcome.failure()));
    }

    /** Goes on with what it says it has, and takes the rest. */
    private static void takeRest(PostcopyModel model, BitSet has) throws IOException {
        long[] words = new long[WORDS];
        System.arraycopy(has.toLongArray(), 0, words, 0, has.toLongArray().length);
        words[WORDS - 1] |= -1L << PAGES % 64; // of no page: nobody looks at them
        assertEquals(BLOCK, model.takeQuestion());
        model.say(PostcopyModel.received(BLOCK, SIZE, words, END));
        model.takeResume();
        model.say(PostcopyModel.resumed(1));
        model.ramSection(RAM_SECTION);
        for (Page page = model.takePage(); page != null; page = model.takePage()) {
            int number = (int) (page.offset() / PostcopyModel.PAGE);
            if (has.get(number)) {
                throw new IOException("page must not come again: page=" + number);
            }
            has.set(number);
        }
        assertEquals(PAGES, has.cardinality());
        model.say(PostcopyModel.shut(0));
    }

    @Test
    void shouldSendWhatTheDestinationHasNot() throws Exception {
        BitSet has = new BitSet();
        new Random(1).ints(PAGES / 2, 0, PAGES).forEach(has::set);
        completes(RESUME, (_, model) -> takeRest(model, has));
    }

    @Test
    void shouldSendAllOrNothingWhenTheDestinationSaysSo() throws Exception {
        completes(RESUME, (_, model) -> takeRest(model, new BitSet()));
        BitSet all = new BitSet();
        all.set(0, PAGES);
        completes(RESUME, (_, model) -> takeRest(model, all));
    }

    /** The guest asks anew for what it waits for, as soon as it goes on. */
    @Test
    void shouldAnswerFirstWhatTheGuestWaitsFor() throws Exception {
        long last = (PAGES - 1L) * PostcopyModel.PAGE;
        completes(RESUME, (_, model) -> {
            model.takeQuestion();
            model.say(PostcopyModel.received(BLOCK, SIZE, new long[WORDS], END));
            model.takeResume();
            model.say(PostcopyModel.request(BLOCK, last, PostcopyModel.PAGE));
            model.ramSection(RAM_SECTION);
            assertEquals(last, model.takePage().offset());
            model.say(PostcopyModel.resumed(1));
            int more = 0;
            while (model.takePage() != null) {
                more++;
            }
            assertEquals(PAGES - 1, more);
            model.say(PostcopyModel.shut(0));
        });
    }

    /** What was written and did not arrive is sent again; what arrived is not. */
    @Test
    void shouldGoOnByItselfAfterBreaks() throws Exception {
        BitSet has = new BitSet();
        completes(PostcopySettings.DEFAULTS.retryingFor(Duration.ofSeconds(20)), (number, model) -> {
            if (number == 0) {
                model.takePackage();
                model.say(PostcopyModel.pong(PostcopyModel.PONG_LOADED));
                for (int i = 0; i < PAGES / 4; i++) {
                    has.set((int) (model.takePage().offset() / PostcopyModel.PAGE));
                }
            } else if (number == 1) {
                model.takeQuestion(); // and closes
            } else {
                takeRest(model, has);
            }
        });
    }

    @Test
    void shouldNotTryAgainWhenTheGuestHasNotRun() throws Exception {
        ConcurrentLinkedQueue<Integer> connections = new ConcurrentLinkedQueue<>();
        MigrationOutcome outcome =
                send(PostcopySettings.DEFAULTS.retryingFor(Duration.ofSeconds(20)), (number, model) -> {
                    connections.add(number);
                    model.takePackage();
                });
        assertEquals(MigrationStatus.FAILED, outcome.status());
        assertTrue(
                outcome.failure().orElseThrow().getMessage().contains(" handed-over=\"cannot be known: "),
                outcome.failure().orElseThrow().getMessage());
        assertEquals(1, connections.size());
    }

    @Test
    void shouldGiveUpWhenTheTimeIsOver() throws Exception {
        MigrationOutcome outcome =
                send(PostcopySettings.DEFAULTS.retryingFor(Duration.ofMillis(300)), (number, model) -> {
                    if (number == 0) {
                        model.takePackage();
                        model.say(PostcopyModel.pong(PostcopyModel.PONG_LOADED));
                        model.takePage();
                    }
                });
        assertEquals(MigrationStatus.FAILED, outcome.status());
        assertTrue(
                outcome.failure().orElseThrow().getMessage().contains(" handed-over=\"in part: "),
                outcome.failure().orElseThrow().getMessage());
    }

    private static Arguments row(String what, StreamBytes said, String line) {
        return Arguments.of(what, said, line);
    }

    static Stream<Arguments> lies() {
        long[] none = new long[WORDS];
        return Stream.of(
                row(
                        "another block",
                        PostcopyModel.received("pc.ram", SIZE, none, END),
                        "destination must not answer what it was not asked: message=RECV_BITMAP of pc.ram*"),
                row(
                        "shorter",
                        PostcopyModel.received(BLOCK, SIZE - 8, none, END),
                        "destination's bitmap must be of the same block, is it another image's guest? block=ram"
                                + " pages=1000 size=120 expected=128*"),
                row(
                        "all that can be said",
                        PostcopyModel.received(BLOCK, -1, none, END),
                        "destination's bitmap must be of the same block, is it another image's guest? block=ram"
                                + " pages=1000 size=18446744073709551615 expected=128*"),
                row(
                        "no mark at its end",
                        PostcopyModel.received(BLOCK, SIZE, none, 0),
                        "bitmap of received pages must end with its mark: block=ram mark=0x0*"),
                row(
                        "that it goes on",
                        PostcopyModel.resumed(1),
                        "destination must not answer what it was not asked: message=RESUME_ACK*"),
                row(
                        "a request",
                        PostcopyModel.request(BLOCK, 0, PostcopyModel.PAGE),
                        "destination must not ask for pages before it is to go on: start=0x0*"),
                row(
                        "that it cannot go on",
                        new StreamBytes()
                                .raw(PostcopyModel.received(BLOCK, SIZE, none, END)
                                        .toBytes())
                                .raw(PostcopyModel.resumed(0).toBytes()),
                        "destination must *"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("lies")
    void shouldFailWithOneLineWhenTheAnswerIs(String what, StreamBytes said, String line) throws Exception {
        MigrationOutcome outcome = send(RESUME, (_, model) -> {
            model.takeQuestion();
            model.say(said);
            Destination.keep();
        });
        assertEquals(MigrationStatus.FAILED, outcome.status());
        String message = outcome.failure().orElseThrow().getMessage();
        requireMatch(line, message);
        assertTrue(message.contains(" handed-over=\"in part: "), message);
    }
}
