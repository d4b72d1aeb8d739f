package io.pageferry.session;

import java.util.Optional;

/**
 * How a migration ended.
 *
 * @param status completed, failed or cancelled
 * @param failure why, where it failed; where it was cancelled, who has the guest, if that cannot be known
 * @param progress its times and counters, which do not change any more
 */
public record MigrationOutcome(MigrationStatus status, Optional<Throwable> failure, MigrationProgress progress) {
    public boolean completed() {
        return status == MigrationStatus.COMPLETED;
    }
}
