package io.pageferry.control.http;

import io.pageferry.memory.MemoryBudget;
import io.pageferry.metrics.ChannelStats;
import io.pageferry.metrics.Latencies;
import io.pageferry.metrics.MigrationStats;
import io.pageferry.metrics.PrecopyStatus;
import io.pageferry.session.MigrationProgress;
import io.pageferry.session.MigrationStatus;
import io.pageferry.session.registry.MigrationEntry;
import io.pageferry.session.registry.MigrationSubject;
import io.pageferry.session.registry.MigrationSubject.Direction;
import io.pageferry.supervision.Faults;
import io.pageferry.supervision.Faults.Place;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.HdrHistogram.Histogram;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The figures of all migrations for Prometheus: sums by direction, and those of single migrations under
 * {@code pageferry_migration_}; how the store is; what the process takes. Names are those of {@code query-migrate},
 * with the units and endings that Prometheus wants: times are in seconds, sizes in bytes. For any thread.
 *
 * <p>Labels are bounded: single migrations are the newest {@link HttpView#MAX_MIGRATIONS}, those that run first, and of
 * their channels the first {@link #MAX_CHANNELS}; guests are {@link #MAX_GUESTS} at the most; sums count all. What a
 * peer can write is in no label but a uuid, and the name that it has proved under TLS.
 */
final class Metrics {
    static final int MAX_CHANNELS = 16;

    /** So many guests' newest images, some 150 bytes each. */
    static final int MAX_GUESTS = 2000;

    private static final String ALL = "pageferry_";
    private static final String ONE = "pageferry_migration_";

    private static final String LOST_BUFFERS =
            "Buffers that the kernel still read at the end of a zero-copy channel: unmapped, never used again.";

    private static final Logger LOG = LoggerFactory.getLogger(Metrics.class);

    private final CumulativeTotals cumulative;
    private final HttpView view;
    private ProcessFigures process; // guarded by this; not before somebody asks, as the JDK's beans take their time

    Metrics(HttpView view) {
        this.view = view;
        this.cumulative = new CumulativeTotals(view.migrations());
    }

    MetricSnapshots collect() {
        CumulativeTotals.Snapshot snapshot = cumulative.snapshot();
        MetricFamilies out = new MetricFamilies();
        addSums(out, snapshot);
        out.gauge(
                ALL + "max_migrations",
                "max-migrations: how many may run at once.",
                Labels.EMPTY,
                view.migrations().maxRunning());
        out.gauge(
                ALL + "images",
                "Images in the store.",
                Labels.EMPTY,
                view.images().count());
        view.refusals()
                .counts()
                .forEach((reason, count) -> out.counter(
                        ALL + "refusals", "Who was refused, by the reason.", Labels.of("reason", reason), count));
        for (MemoryBudget.Kind kind : MemoryBudget.Kind.values()) {
            Labels labels = Labels.of("kind", kind.name().toLowerCase(Locale.ROOT));
            MemoryBudget memory = view.migrations().memory();
            out.gauge(ALL + "memory_taken_bytes", "What migrations may take by now.", labels, memory.taken(kind));
            out.gauge(
                    ALL + "memory_limit_bytes",
                    "What migrations may take at the most; one for which less is left is refused.",
                    labels,
                    memory.most(kind));
        }
        for (Place place : Place.values()) {
            out.counter(
                    ALL + "faults",
                    "Internal errors, lack of memory among them, by where they were met; what met one has failed, and"
                            + " nothing else.",
                    Labels.of("place", place.label()),
                    Faults.count(place));
        }
        addStore(out, view.store());
        out.info(ALL + "build", "What runs.", Labels.of("version", version()));
        HttpView.newest(snapshot.migrations()).forEach(entry -> addOne(out, entry));
        return out.toSnapshots(process().now());
    }

    private synchronized ProcessFigures process() {
        if (process == null) {
            process = new ProcessFigures();
        }
        return process;
    }

    private static String version() {
        String version = Metrics.class.getPackage().getImplementationVersion();
        return version == null ? "" : version;
    }

    private static void addStore(MetricFamilies out, StoreFigures store) {
        try {
            out.gauge(ALL + "store_free_bytes", "What can still be kept.", Labels.EMPTY, store.freeBytes());
        } catch (IOException e) {
            LOG.warn("store must say how much room is left: reason=\"{}\"", e.toString()); // the rest is still true
        }
        out.gauge(
                ALL + "images_bytes",
                "How long complete images are; less may be on disk, as images have holes.",
                Labels.EMPTY,
                store.imageBytes());
        for (StoreFigures.Newest newest : store.newest(MAX_GUESTS)) {
            out.gauge(
                    ALL + "guest_newest_image_timestamp_seconds",
                    "When a guest's newest image was complete.",
                    Labels.of(
                            "uuid",
                            newest.guest().toString(),
                            "owner",
                            newest.owner().orElse("")),
                    newest.completed().toEpochMilli() / 1e3);
        }
    }

    private static void addSums(MetricFamilies out, CumulativeTotals.Snapshot snapshot) {
        for (Direction direction : Direction.values()) {
            Labels labels = Labels.of("direction", direction.label());
            out.gauge(
                    ALL + "migrations_running",
                    "Migrations that run now.",
                    labels,
                    snapshot.migrations().stream()
                            .filter(entry -> entry.subject().direction() == direction
                                    && !entry.progress().status().isFinal())
                            .count());
            for (Map.Entry<MigrationStatus, Long> ending :
                    snapshot.endings().get(direction).entrySet()) {
                out.counter(
                        ALL + "migrations",
                        "Migrations that have ended, by their last status.",
                        labels.add("status", ending.getKey().qemuName()),
                        ending.getValue());
            }
            Totals sum = snapshot.totals().get(direction);
            out.counter(ALL + "ram_transferred_bytes", "ram.transferred of all.", labels, sum.transferred);
            out.counter(ALL + "ram_multifd_bytes", "ram.multifd-bytes of all.", labels, sum.multifdBytes);
            out.counter(ALL + "ram_normal_pages", "ram.normal of all.", labels, sum.normal);
            out.counter(ALL + "ram_duplicate_pages", "ram.duplicate of all: zero pages.", labels, sum.duplicate);
            out.counter(ALL + "packets", "Packets of all multifd channels.", labels, sum.packets);
            out.counter(ALL + "dirty_sync", "ram.dirty-sync-count of all: rounds.", labels, sum.dirtySyncs);
            out.counter(ALL + "zero_copy_lost_buffers", LOST_BUFFERS, labels, sum.zeroCopyLostBuffers);
            for (Map.Entry<Latencies.Kind, Histogram> kind : sum.latencies.entrySet()) {
                out.latency(
                        ALL + "latency_seconds",
                        "Hand-off of a batch to its channel, write of a packet, sync of all channels, commit of a"
                                + " guest to its disk.",
                        labels.add("kind", labelOf(kind.getKey())),
                        kind.getValue());
            }
        }
    }

    private static String labelOf(Latencies.Kind kind) {
        return kind.label().replace(' ', '-');
    }

    private static void addOne(MetricFamilies out, MigrationEntry entry) {
        MigrationProgress progress = entry.progress();
        MigrationSubject subject = entry.subject();
        Labels labels = Labels.of("migration", String.valueOf(entry.id()));
        out.info(
                ALL + "migration",
                "What a migration is about.",
                labels.add("direction", subject.direction().label())
                        .add("uuid", subject.guest().map(UUID::toString).orElse("")));
        MigrationStatus status = progress.status();
        out.gauge(
                ONE + "status", "1 for the status that the migration has.", labels.add("status", status.qemuName()), 1);
        out.gauge(ONE + "total_time_seconds", "total-time.", labels, progress.totalNanos() / 1e9);
        out.gauge(ONE + "setup_time_seconds", "setup-time.", labels, progress.setupTimeNanos() / 1e9);
        out.gauge(ONE + "downtime_seconds", "downtime.", labels, progress.downtimeNanos() / 1e9);
        addRam(out, labels, progress.stats(), status);
        PrecopyStatus precopy = progress.stats().precopy();
        if (precopy != null) {
            double expected = precopy.expectedDowntimeNanos() / 1e9;
            out.gauge(ONE + "expected_downtime_seconds", "expected-downtime.", labels, expected);
            out.gauge(ONE + "converges", "0: will not converge.", labels, precopy.converges() ? 1 : 0);
        }
    }

    private static void addRam(MetricFamilies out, Labels labels, MigrationStats stats, MigrationStatus status) {
        long remaining = status == MigrationStatus.COMPLETED ? 0 : stats.remainingBytes();
        out.counter(ONE + "ram_transferred_bytes", "ram.transferred.", labels, stats.transferredBytes());
        out.gauge(ONE + "ram_remaining_bytes", "ram.remaining.", labels, remaining);
        out.gauge(ONE + "ram_size_bytes", "ram.total.", labels, stats.totalRamBytes());
        out.counter(ONE + "ram_normal_pages", "ram.normal.", labels, stats.normalPages());
        out.counter(ONE + "ram_duplicate_pages", "ram.duplicate: zero pages.", labels, stats.duplicatePages());
        out.counter(ONE + "ram_precopy_bytes", "ram.precopy-bytes.", labels, stats.precopyBytes());
        out.counter(ONE + "ram_downtime_bytes", "ram.downtime-bytes.", labels, stats.downtimeBytes());
        out.counter(ONE + "dirty_sync", "ram.dirty-sync-count: rounds.", labels, stats.dirtySyncCount.sum());
        long missed = stats.dirtySyncMissedZeroCopy.sum();
        out.counter(ONE + "dirty_sync_missed_zero_copy", "ram.dirty-sync-missed-zero-copy.", labels, missed);
        out.counter(ONE + "zero_copy_lost_buffers", LOST_BUFFERS, labels, stats.zeroCopyLostBuffers());
        out.gauge(ONE + "dirty_pages_rate", "ram.dirty-pages-rate: pages a second.", labels, stats.dirtyPagesRate());
        List<ChannelStats> channels = stats.channels();
        for (int id = 0; id < Math.min(channels.size(), MAX_CHANNELS); id++) {
            Labels ofChannel = labels.add("channel", String.valueOf(id));
            ChannelStats channel = channels.get(id);
            out.counter(
                    ONE + "channel_multifd_bytes",
                    "multifd-bytes of a channel.",
                    ofChannel,
                    channel.multifdBytes.get());
            out.counter(ONE + "channel_packets", "Packets of a channel.", ofChannel, channel.packets.get());
        }
        for (Latencies.Kind kind : Latencies.Kind.values()) {
            out.latency(
                    ONE + "latency_seconds",
                    "A migration's hand-offs, writes of packets, syncs.",
                    labels.add("kind", labelOf(kind)),
                    stats.latencies().histogram(kind));
        }
    }
}
