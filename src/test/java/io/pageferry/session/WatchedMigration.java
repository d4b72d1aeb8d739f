package io.pageferry.session;

import io.pageferry.config.MigrationParameters;
import io.pageferry.guest.GuestShape;
import io.pageferry.guest.SyntheticGuest;
import io.pageferry.guest.SyntheticOutgoingGuest;
import io.pageferry.memory.DirtyLog;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import jdk.jfr.Configuration;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/**
 * A migration of some rounds from this process to itself, and what Flight Recorder saw of it with the settings of
 * {@code pageferry.jfc}.
 */
record WatchedMigration(MigrationOutcome sent, MigrationOutcome received, List<RecordedEvent> events) {
    static final int CHANNELS = 3;

    /** With the one in which the guest stands still. */
    static final int ROUNDS = 4;

    private static final long GUEST_BYTES = 24L << 20;

    static WatchedMigration run(Path folder) throws Exception {
        try (Recording recording = record();
                SyntheticGuest guest = new SyntheticGuest(new GuestShape(GUEST_BYTES, 0, 0.3, 0, 1));
                MemoryDestination destination = new MemoryDestination()) {
            LoopbackMigration migration = LoopbackMigration.start(
                    new DirtiedGuest(new SyntheticOutgoingGuest(guest), dirtied()), destination, parameters());
            return new WatchedMigration(migration.sent(), migration.received(), stop(recording, folder));
        }
    }

    static MigrationParameters parameters() {
        return MigrationParameters.builder()
                .multifdChannels(CHANNELS)
                .downtimeLimit(Duration.ZERO)
                .build();
    }

    static Recording record() throws Exception {
        try (Reader settings = new InputStreamReader(
                WatchedMigration.class.getResourceAsStream("/pageferry.jfc"), StandardCharsets.UTF_8)) {
            Recording recording = new Recording(Configuration.create(settings));
            recording.start();
            return recording;
        }
    }

    static List<RecordedEvent> stop(Recording recording, Path folder) throws Exception {
        recording.stop();
        Path file = folder.resolve("migration.jfr");
        recording.dump(file);
        return RecordingFile.readAllEvents(file).stream()
                .sorted(Comparator.comparing(RecordedEvent::getStartTime))
                .toList();
    }

    /** Fewer pages after each round, and none after the last but one. */
    private static DirtyLog dirtied() {
        AtomicInteger left = new AtomicInteger(ROUNDS - 2);
        return (block, into) -> {
            into.setRange(0, block.pages() / 8 * left.getAndUpdate(rest -> Math.max(0, rest - 1)));
            return into.count();
        };
    }

    /** The events of one kind, of one end. */
    List<RecordedEvent> of(MigrationOutcome end, String name) {
        return of(events, end.progress(), name);
    }

    static List<RecordedEvent> of(List<RecordedEvent> events, MigrationProgress end, String name) {
        return events.stream()
                .filter(event -> event.getEventType().getName().equals("io.pageferry." + name))
                .filter(event ->
                        event.getLong("migration") == end.stats().trace().migration())
                .toList();
    }
}
