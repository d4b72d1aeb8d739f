package io.pageferry.control.qmp;

import io.pageferry.config.ConfigException;
import io.pageferry.control.MigrationInfoJson;
import io.pageferry.session.MigrationProgress;
import io.pageferry.session.MigrationStatus;
import io.pageferry.session.info.MigrationInfo;
import io.pageferry.session.registry.MigrationEntry;
import io.pageferry.session.registry.MigrationSubject.Direction;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.node.ObjectNode;

/** {@code query-migrate}, and what else tells of migrations. */
final class MigrateAnswer {
    private MigrateAnswer() {}

    /** QEMU's word for where it stands. */
    static String status(Endpoint.Current current) {
        return current.entry()
                .map(entry -> status(entry.progress().status()))
                .orElse(MigrationStatus.FAILED.qemuName());
    }

    /** One that is waited for is being set up, as in QEMU. */
    private static String status(MigrationStatus status) {
        return (status == MigrationStatus.NONE ? MigrationStatus.SETUP : status).qemuName();
    }

    /** {@code query-migrate} of an endpoint that has begun. */
    static ObjectNode of(Endpoint.Current current, long downtimeLimitMillis) {
        ObjectNode answer = QmpJson.object();
        if (current.entry().isEmpty()) {
            answer.put("status", status(current));
            current.refusal().ifPresent(reason -> answer.put("error-desc", reason));
            return answer;
        }
        MigrationProgress progress = current.entry().get().progress();
        MigrationStatus now = progress.status(); // once, as it goes on
        answer.put("status", status(now));
        if (!now.isFinal()) {
            current.listening()
                    .flatMap(Addresses::list)
                    .ifPresent(addresses -> answer.set("socket-address", addresses));
        }
        addProgress(answer, progress, now, current.direction(), downtimeLimitMillis);
        addFailure(answer, progress, now);
        return answer;
    }

    private static void addFailure(ObjectNode answer, MigrationProgress progress, MigrationStatus now) {
        // One that was cancelled has something to say where nobody knows who has the guest.
        if (now == MigrationStatus.FAILED || now == MigrationStatus.CANCELLED) {
            progress.failure().ifPresent(failure -> answer.put("error-desc", describe(failure)));
        }
    }

    /** From the first page on, and as long as it says something, as in QEMU. */
    private static void addProgress(
            ObjectNode answer,
            MigrationProgress progress,
            MigrationStatus now,
            Direction direction,
            long downtimeLimitMillis) {
        switch (now) {
            case ACTIVE, PRE_SWITCHOVER, DEVICE, COMPLETED, CANCELLING -> {
                MigrationInfo info = MigrationInfo.of(progress);
                MigrationInfoJson.addTimes(info, answer);
                if (direction == Direction.OUTGOING && !answer.has("downtime")) {
                    boolean over = now == MigrationStatus.COMPLETED;
                    answer.put(
                            over ? "downtime" : "expected-downtime",
                            over ? 0 : expected(progress, downtimeLimitMillis));
                }
                MigrationInfoJson.addRam(info, answer);
                MigrationInfoJson.addChannels(info, answer);
            }
            default -> {}
        }
    }

    private static long expected(MigrationProgress progress, long downtimeLimitMillis) {
        return progress.stats().precopy() == null
                ? downtimeLimitMillis
                : TimeUnit.NANOSECONDS.toMillis(progress.stats().precopy().expectedDowntimeNanos());
    }

    /** One of {@code x-query-migrations}. */
    static ObjectNode describe(MigrationEntry entry, MigrationHost host) {
        ObjectNode one = QmpJson.object();
        one.put("id", entry.id());
        one.put("direction", entry.subject().direction().label());
        MigrationStatus now = entry.progress().status();
        one.put("status", status(now));
        one.put("peer", entry.subject().peer());
        entry.subject().image().ifPresent(image -> one.put("image", host.nameOf(image)));
        entry.subject().guest().ifPresent(guest -> one.put("uuid", guest.toString()));
        one.put("started", entry.started().toString());
        entry.ended().ifPresent(ended -> one.put("ended", ended.toString()));
        MigrationInfo info = MigrationInfo.of(entry.progress());
        MigrationInfoJson.addTimes(info, one);
        MigrationInfoJson.addRam(info, one);
        addFailure(one, entry.progress(), now);
        return one;
    }

    /** Why something failed, in one line. */
    static String describe(Throwable failure) {
        boolean ours = failure instanceof IOException || failure instanceof ConfigException;
        return ours && failure.getMessage() != null ? failure.getMessage() : failure.toString();
    }
}
