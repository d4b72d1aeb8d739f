package io.pageferry.server;

import io.pageferry.history.Refusal;
import io.pageferry.history.RefusalHistory;
import io.pageferry.metrics.RefusalCounters;
import io.pageferry.net.Connection;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Lines about those who are refused. Who can make us refuse can make us say so: each host has so many lines at once and
 * then one a second, and all of them together ten times that. What was left out is counted in the next line, and
 * everybody by the rule that he was refused for. For any thread.
 */
final class RefusalLog {
    /** What somebody was refused for. */
    enum Rule {
        /** It did not say who it is, or was nobody's connection. */
        INTRODUCTION,
        /** Too many connections wait, in all or of its host or identity. */
        MAX_CONNECTIONS,
        /** Connections that cannot be joined to a guest. */
        GATHERING,
        /** Too many migrations, in all or of its host or identity, or the server is about to end. */
        MAX_MIGRATIONS,
        /** No room on disk, in all or of its host or identity. */
        STORE;

        /** For people and metrics: {@code max-connections}. */
        String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    private static final int LINES_AT_ONCE = 10;
    private static final int HOSTS = 10;
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    /** Of those that refused last: others begin anew. */
    private static final int MAX_HOSTS = 256;

    /**
     * Who is refused.
     *
     * @param network what counts as one host
     * @param peer the address, for people
     * @param uuid the guest's, where it has said one
     */
    record Refused(String network, String peer, Optional<UUID> uuid) {
        static Refused of(Connection connection) {
            return new Refused(connection.network(), connection.peer(), Optional.empty());
        }
    }

    private final LongSupplier clock;
    private final Consumer<String> log;
    private final RefusalHistory history;
    private final RefusalCounters counters;

    // Guarded by this.
    private final Budget all;
    private final Map<String, Budget> hosts = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Budget> eldest) {
            return size() > MAX_HOSTS;
        }
    };
    private long leftOut;

    /**
     * Makes one.
     *
     * @param log takes the lines that are to be said
     * @param history remembers what was said
     * @param counters count everybody
     */
    RefusalLog(LongSupplier clock, Consumer<String> log, RefusalHistory history, RefusalCounters counters) {
        this.clock = clock;
        this.log = log;
        this.history = history;
        this.counters = counters;
        counters.expect(Arrays.stream(Rule.values()).map(Rule::label).toList());
        this.all = new Budget(HOSTS * LINES_AT_ONCE, HOSTS, clock.getAsLong());
    }

    /** How many lines there may be: some at once, then so many a second. */
    private static final class Budget {
        private final double most;
        private final double perSecond;
        private double lines;
        private long nanos;

        Budget(double most, double perSecond, long now) {
            this.most = most;
            this.perSecond = perSecond;
            this.lines = most;
            this.nanos = now;
        }

        boolean has(long now) {
            lines = Math.min(most, lines + perSecond * (now - nanos) / SECOND);
            nanos = now;
            return lines >= 1;
        }
    }

    /** Counts it, and says it where there is a line left. */
    void say(Rule rule, Refused who, String line) {
        say(rule.label(), who, line);
    }

    /**
     * The same for a rule of others.
     *
     * @param reason one of a few words of the code's own
     */
    void say(String reason, Refused who, String line) {
        counters.count(reason);
        String said = line;
        synchronized (this) {
            long now = clock.getAsLong();
            Budget own = hosts.computeIfAbsent(who.network(), _ -> new Budget(LINES_AT_ONCE, 1, now));
            if (!own.has(now) || !all.has(now)) {
                leftOut++;
                return;
            }
            own.lines--;
            all.lines--;
            if (leftOut > 0) {
                said += " linesLeftOutBefore=" + leftOut;
                leftOut = 0;
            }
        }
        log.accept(said);
        history.add(new Refusal(Instant.now(), who.peer(), who.uuid(), reason, said));
    }
}
