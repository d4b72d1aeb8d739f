package io.pageferry.perf;

import io.pageferry.config.ByteSize;
import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.guest.GuestShape;
import io.pageferry.guest.SyntheticGuest;
import io.pageferry.guest.SyntheticOutgoingGuest;
import io.pageferry.net.Listener;
import io.pageferry.net.tls.TlsSecurity;
import io.pageferry.session.IncomingMigration;
import io.pageferry.session.MemoryDestination;
import io.pageferry.session.MigrationOutcome;
import io.pageferry.session.OutgoingMigration;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What {@link MemoryEndpoint} is, in one {@link Mode}. Arguments: the mode, the folder of credentials, and for a sender
 * the size of its guest. Jobs:
 *
 * <ul>
 *   <li>{@code receive CHANNELS}: answers {@code listening URI}, then, when the guest is there, {@code received NANOS
 *       BYTES}
 *   <li>{@code send CHANNELS URI}: answers {@code sent NANOS BYTES}
 *   <li>{@code plain CHANNELS URI}: the same without what the mode asks for, to fill a QEMU
 * </ul>
 */
public final class ModeEndpoint {
    private final Mode mode;
    private final Path credentials;
    private final SyntheticGuest guest;

    private ModeEndpoint(Mode mode, Path credentials, SyntheticGuest guest) {
        this.mode = mode;
        this.credentials = credentials;
        this.guest = guest;
    }

    public static void main(String[] args) throws IOException {
        Mode mode = Mode.of(args[0]);
        SyntheticGuest guest = args.length < 3 ? null : guest(ByteSize.parse(args[2]), mode.content());
        ModeEndpoint endpoint = new ModeEndpoint(mode, Path.of(args[1]), guest);
        System.out.println("ready");
        BufferedReader jobs = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String job = jobs.readLine(); job != null; job = jobs.readLine()) {
            System.out.println(endpoint.answer(job.split(" ")));
        }
    }

    private static SyntheticGuest guest(long bytes, RamContent content) {
        SyntheticGuest guest = new SyntheticGuest(new GuestShape(bytes, 0, 1, 0, 1));
        content.fill(guest.memory().region(guest.memory().layout().block(0)).segment());
        return guest;
    }

    private String answer(String[] job) throws IOException {
        int channels = Integer.parseInt(job[1]);
        return switch (job[0]) {
            case "receive" -> receive(mode.parameters(channels, credentials));
            case "send" -> send(job[2], mode.parameters(channels, credentials));
            default ->
                send(
                        job[2],
                        MigrationParameters.builder().multifdChannels(channels).build());
        };
    }

    private static String receive(MigrationParameters parameters) throws IOException {
        Listener listener = Listener.open(
                MigrationUri.parse("tcp:127.0.0.1:0"),
                parameters.multifdChannels() + 1,
                TlsSecurity.ofServer(parameters.tls()));
        System.out.println("listening " + listener.uri());
        try (MemoryDestination destination = new MemoryDestination()) {
            return describe(
                    "received",
                    IncomingMigration.from(listener, Optional.empty(), parameters, destination)
                            .run());
        }
    }

    private String send(String uri, MigrationParameters parameters) {
        return describe(
                "sent",
                OutgoingMigration.of(
                                new SyntheticOutgoingGuest(guest),
                                MigrationUri.parse(uri),
                                Optional.empty(),
                                parameters)
                        .run());
    }

    private static String describe(String done, MigrationOutcome outcome) {
        if (!outcome.completed()) {
            throw new IllegalStateException(outcome.failure().orElse(null));
        }
        return done + " " + outcome.progress().totalNanos() + " "
                + outcome.progress().stats().transferredBytes();
    }
}
