package io.pageferry.perf;

import io.pageferry.config.ByteSize;
import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.guest.GuestShape;
import io.pageferry.guest.SyntheticGuest;
import io.pageferry.guest.SyntheticOutgoingGuest;
import io.pageferry.net.Listener;
import io.pageferry.session.IncomingMigration;
import io.pageferry.session.MemoryDestination;
import io.pageferry.session.MigrationOutcome;
import io.pageferry.session.OutgoingMigration;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/**
 * A process to be measured: a receiver that takes guests into its memory, or a sender that has one. Does what stdin says, one line a job, and answers with
 * one line on stdout.
 *
 * <ul>
 *   <li>{@code receive CHANNELS}: answers {@code listening URI}, then, when the guest is there, {@code received NANOS BYTES}
 *   <li>{@code send CHANNELS URI}: answers {@code sent NANOS BYTES}
 * </ul>
 *
 * <p>A receiver's memory is fresh for each guest and given back after it.
 */
public final class MemoryEndpoint {
    private MemoryEndpoint() {}

    /** Arguments: the size of the guest to be sent, for a sender. */
    public static void main(String[] args) throws IOException {
        SyntheticGuest guest =
                args.length == 0 ? null : new SyntheticGuest(new GuestShape(ByteSize.parse(args[0]), 0, 0, 0, 1));
        System.out.println("ready");
        BufferedReader jobs = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String job = jobs.readLine(); job != null; job = jobs.readLine()) {
            String[] words = job.split(" ");
            MigrationParameters parameters = MigrationParameters.builder()
                    .multifdChannels(Integer.parseInt(words[1]))
                    .build();
            System.out.println(words[0].equals("receive") ? receive(parameters) : send(guest, words[2], parameters));
        }
    }

    private static String receive(MigrationParameters parameters) throws IOException {
        Listener listener = Listener.open(MigrationUri.parse("tcp:127.0.0.1:0"), parameters.multifdChannels() + 1);
        System.out.println("listening " + listener.uri());
        try (MemoryDestination destination = new MemoryDestination()) {
            return describe(
                    "received",
                    IncomingMigration.from(listener, null, parameters, destination)
                            .run());
        }
    }

    private static String send(SyntheticGuest guest, String uri, MigrationParameters parameters) {
        return describe(
                "sent",
                OutgoingMigration.of(new SyntheticOutgoingGuest(guest), MigrationUri.parse(uri), null, parameters)
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
