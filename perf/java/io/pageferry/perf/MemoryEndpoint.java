package io.pageferry.perf;

import io.pageferry.config.ByteSize;
import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.guest.GuestShape;
import io.pageferry.guest.SyntheticGuest;
import io.pageferry.guest.SyntheticOutgoingGuest;
import io.pageferry.image.PendingImage;
import io.pageferry.load.worker.DiscardDestination;
import io.pageferry.memory.WarmMemory;
import io.pageferry.metrics.MigrationStats;
import io.pageferry.net.Listener;
import io.pageferry.send.OutgoingGuest;
import io.pageferry.session.CheckpointDestination;
import io.pageferry.session.Destination;
import io.pageferry.session.IncomingMigration;
import io.pageferry.session.MemoryDestination;
import io.pageferry.session.MigrationOutcome;
import io.pageferry.session.OutgoingMigration;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A process to be measured: a receiver that takes guests in, or a sender that has one. Does what stdin says, one line a
 * job, and answers with one line on stdout.
 *
 * <ul>
 *   <li>{@code receive CHANNELS [warm | sink | image PATH | direct PATH]}: answers {@code listening URI}, then, when
 *       the guest is there, {@code received NANOS BYTES}. Its memory is fresh and given back afterwards; {@code warm}:
 *       it is kept for the next one that is warm; or it goes nowhere, or into an image
 *   <li>{@code free-warm-memory}: gives memory back that was kept, and answers {@code freed}
 *   <li>{@code send CHANNELS URI}, {@code send-folded CHANNELS URI BYTES} ({@link FoldedGuest}): answers {@code sent
 *       NANOS BYTES}
 *   <li>{@code send-live CHANNELS URI}: answers {@code sent DOWNTIME-NANOS DOWNTIME-BYTES LAST-ROUNDS-BANDWIDTH}
 *   <li>{@code send-scattered CHANNELS URI}: the same with {@link ScatteredGuest}; answers {@code sent NANOS BYTES} of
 *       the round of its single pages
 *   <li>{@code echo}: answers {@code listening PORT}, and when the other end has measured its {@link RoundTrip},
 *       {@code echoed}; {@code round-trip PORT}: answers {@code measured NANOS}
 *   <li>{@code bare-receive SOCKETS BYTES} and {@code bare-send SOCKETS PORT}: the same bytes by {@link BareCopy};
 *       answers as above, with a port
 * </ul>
 */
public final class MemoryEndpoint implements AutoCloseable {
    private static final Duration FOR_THE_WHOLE_RUN = Duration.ofHours(1);

    private final SyntheticGuest guest;
    private final WarmMemory warmMemory = new WarmMemory(Long.MAX_VALUE, FOR_THE_WHOLE_RUN);

    private MemoryEndpoint(SyntheticGuest guest) {
        this.guest = guest;
    }

    /**
     * Arguments, for a sender: the size of its guest, and the rate at which that dirties its memory where it is sent
     * live.
     */
    public static void main(String[] args) throws IOException {
        long dirtyRate = args.length < 2 ? 0 : ByteSize.parse(args[1]);
        SyntheticGuest guest = args.length == 0
                ? null
                : new SyntheticGuest(new GuestShape(ByteSize.parse(args[0]), dirtyRate, 0, 0, 1));
        System.out.println("ready");
        BufferedReader jobs = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        try (MemoryEndpoint endpoint = new MemoryEndpoint(guest)) {
            for (String job = jobs.readLine(); job != null; job = jobs.readLine()) {
                System.out.println(endpoint.work(job.split(" ")));
            }
        }
    }

    private String work(String[] words) throws IOException {
        return switch (words[0]) {
            case "receive" -> receive(words);
            case "free-warm-memory" -> freeWarmMemory();
            case "send" -> describe("sent", send(new SyntheticOutgoingGuest(guest), words));
            case "send-folded" -> describe("sent", send(new FoldedGuest(guest, Long.parseLong(words[3])), words));
            case "send-live" -> sendLive(words);
            case "send-scattered" -> sendScattered(words);
            case "echo" -> echo();
            case "round-trip" -> "measured " + RoundTrip.measureNanos(Integer.parseInt(words[1]));
            case "bare-receive" -> receiveBare(Integer.parseInt(words[1]), Long.parseLong(words[2]));
            case "bare-send" -> sendBare(Integer.parseInt(words[1]), Integer.parseInt(words[2]));
            default -> throw new IllegalArgumentException("no such job: " + words[0]);
        };
    }

    private String receive(String[] words) throws IOException {
        MigrationParameters parameters = parameters(words);
        try (Listener listener =
                        Listener.open(MigrationUri.parse("tcp:127.0.0.1:0"), parameters.multifdChannels() + 1);
                Destination destination = destination(words, parameters)) {
            System.out.println("listening " + listener.uri());
            return describe(
                    "received",
                    IncomingMigration.from(listener, Optional.empty(), parameters, destination)
                            .run());
        }
    }

    private Destination destination(String[] words, MigrationParameters parameters) throws IOException {
        return switch (words.length == 2 ? "fresh" : words[2]) {
            case "fresh" -> new MemoryDestination();
            case "warm" -> new MemoryDestination(warmMemory);
            case "sink" -> new DiscardDestination();
            default -> CheckpointDestination.of(PendingImage.at(Path.of(words[3]), parameters.directIo()), parameters);
        };
    }

    private String freeWarmMemory() {
        warmMemory.trim();
        return "freed";
    }

    private static MigrationOutcome send(OutgoingGuest guest, String[] words) {
        return OutgoingMigration.of(guest, MigrationUri.parse(words[2]), Optional.empty(), parameters(words))
                .run();
    }

    private String sendLive(String[] words) {
        guest.start();
        MigrationOutcome outcome = send(new SyntheticOutgoingGuest(guest), words);
        describe("sent", outcome);
        MigrationStats stats = outcome.progress().stats();
        return "sent " + outcome.progress().downtimeNanos() + " " + stats.downtimeBytes() + " "
                + stats.precopy().bandwidth();
    }

    private String sendScattered(String[] words) {
        MigrationParameters parameters = MigrationParameters.builder()
                .multifdChannels(Integer.parseInt(words[1]))
                .downtimeLimit(Duration.ZERO) // nothing may be left
                .build();
        MigrationOutcome outcome = OutgoingMigration.of(
                        new ScatteredGuest(guest), MigrationUri.parse(words[2]), Optional.empty(), parameters)
                .run();
        describe("sent", outcome);
        List<MigrationStats.EndedRound> rounds = outcome.progress().stats().endedRounds();
        return describe(
                "sent",
                new Rate(
                        rounds.get(1).bytes(),
                        rounds.get(1).endNanos() - rounds.get(0).endNanos()));
    }

    private static MigrationParameters parameters(String[] words) {
        return MigrationParameters.builder()
                .multifdChannels(Integer.parseInt(words[1]))
                .directIo(words.length > 3 && words[2].equals("direct"))
                .build();
    }

    private static String receiveBare(int sockets, long bytes) throws IOException {
        try (ServerSocketChannel listener = listen()) {
            return describe("received", BareCopy.receive(listener, bytes, sockets));
        }
    }

    private static String echo() throws IOException {
        try (ServerSocketChannel listener = listen()) {
            RoundTrip.echo(listener);
            return "echoed";
        }
    }

    /** At a port of the kernel's choice, which is said. */
    private static ServerSocketChannel listen() throws IOException {
        ServerSocketChannel listener = ServerSocketChannel.open();
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        System.out.println("listening " + ((InetSocketAddress) listener.getLocalAddress()).getPort());
        return listener;
    }

    private String sendBare(int sockets, int port) throws IOException {
        return describe(
                "sent",
                BareCopy.send(guest.memory().region(guest.memory().layout().block(0)), port, sockets));
    }

    private static String describe(String done, Rate rate) {
        return done + " " + rate.nanos() + " " + rate.bytes();
    }

    private static String describe(String done, MigrationOutcome outcome) {
        if (!outcome.completed()) {
            throw new IllegalStateException(outcome.failure().orElse(null));
        }
        return describe(
                done,
                new Rate(
                        outcome.progress().stats().transferredBytes(),
                        outcome.progress().totalNanos()));
    }

    @Override
    public void close() {
        warmMemory.close();
        if (guest != null) {
            guest.close();
        }
    }
}
