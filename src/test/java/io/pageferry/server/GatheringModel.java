package io.pageferry.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.server.PendingConnection.Beginning;
import io.pageferry.server.SimulatedSource.Fate;
import io.pageferry.server.SimulatedSource.Link;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * A world of sources around one {@link Gathering}: it knows which attempt each connection really is of, and lets
 * everything happen that may, in any order. What sources keep to, and nothing else, is what the room's map says that
 * the rules rest on.
 */
final class GatheringModel {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final long STALL = 30 * SECOND;
    private static final int MAX_SOURCES = 6;

    private final SplittableRandom random;

    /** Whether it is soon not known any more which uuids were given up. Then more is refused, and nothing joined. */
    private final boolean isForgetful;

    private final int channels;
    private final int maxConnections;
    private final Gathering<Link> gathering;
    private final List<SimulatedSource> sources = new ArrayList<>();
    private final Map<UUID, SimulatedSource> lastOfUuid = new HashMap<>();
    private final boolean tls;
    private final Consumer<Supplier<String>> history;
    private long now;
    private int sourceCount;

    /** The main channel that is found to be plain right now. */
    private Link lookedAt;

    /** How many guests were joined. */
    private long joined;

    /**
     * Makes one.
     *
     * @param history is told what happens
     */
    GatheringModel(SplittableRandom random, Consumer<Supplier<String>> history) {
        this.random = random;
        this.history = history;
        this.now = random.nextLong();
        this.channels = 1 + random.nextInt(3);
        this.maxConnections = random.nextInt(3) == 0 ? 2 * (channels + 1) : 100;
        this.tls = random.nextBoolean();
        this.isForgetful = random.nextInt(3) == 0;
        this.gathering = new Gathering<>(
                channels,
                maxConnections,
                HostShare.DEFAULT,
                () -> now,
                link -> link.source.left,
                isForgetful ? 2 : AbandonedGuests.MAX_PARTS);
    }

    long joined() {
        return joined;
    }

    /** Anything happens. */
    void step() {
        switch (random.nextInt(22)) {
            case 0, 1 -> begin();
            case 2, 3, 4, 5, 6, 7 -> connect();
            case 8, 9, 10, 11, 12 -> introduce();
            case 13 -> lose();
            case 14 -> refused();
            case 15 -> tick();
            case 16 -> act(gathering.expire(now - STALL, "too late"), true);
            case 17 -> stranger();
            case 18, 19 -> look();
            case 20 -> {
                if (random.nextInt(4) == 0) {
                    miss();
                }
            }
            default -> giveUp();
        }
        sources.removeIf(SimulatedSource::isOver);
    }

    private void begin() {
        if (sources.size() < MAX_SOURCES) {
            UUID uuid = random.nextBoolean() ? SimulatedSource.NO_UUID : new UUID(1, random.nextInt(4));
            SimulatedSource before = lastOfUuid.get(uuid);
            // It may be turned on because of a refusal.
            boolean validates = random.nextBoolean() || before != null && before.isNamed();
            SimulatedSource source = new SimulatedSource(
                    ++sourceCount,
                    channels,
                    new Realm(
                            new Realm.Origin("door" + random.nextInt(4) / 3, "/10.0.0." + random.nextInt(5) / 3),
                            tls ? Optional.of("CN=" + random.nextInt(3) / 2) : Optional.empty()),
                    uuid,
                    validates,
                    random.nextInt(4) == 0);
            if (uuid.equals(SimulatedSource.NO_UUID) || hasEnded(before)) {
                lastOfUuid.put(uuid, source);
                sources.add(source);
            }
        }
    }

    /**
     * A guest migrates once at a time: it comes again when its source has ended all connections, and what there was of
     * them has arrived.
     */
    private boolean hasEnded(SimulatedSource before) {
        if (before == null || before.isOver()) {
            return true;
        }
        if (before.left) {
            before.stop();
        }
        return before.left && before.links.stream().noneMatch(link -> link.fate == Fate.STRANGER);
    }

    private Optional<Link> any(Predicate<Link> which) {
        List<Link> all = new ArrayList<>();
        for (SimulatedSource source : sources) {
            for (Link link : source.links) {
                if (which.test(link)) {
                    all.add(link);
                }
            }
        }
        return all.isEmpty() ? Optional.empty() : Optional.of(all.get(random.nextInt(all.size())));
    }

    private boolean mayCome(Link link) {
        return link.fate == Fate.TO_COME && (link.isMain() || link.source.main().fate != Fate.TO_COME);
    }

    private void connect() {
        any(this::mayCome).ifPresent(this::connect);
    }

    private void connect(Link link) {
        history.accept(() -> "accepted: " + link);
        var admission = accepted(link, link.toString());
        link.pending = admission.pending().orElse(null);
        link.fate = Fate.STRANGER;
        if (link.pending == null) {
            doom(link);
        }
        act(admission.outcome(), true);
    }

    private Outcome.Admission<Link> accepted(Link link, String peer) {
        Realm.Origin origin = link.source.realm.origin();
        return gathering.accepted(link, origin.address(), origin.host(), origin.host(), peer);
    }

    /** What happens to it is no fault of the gathering's. */
    private void doom(Link link) {
        link.source.doomed = true;
        if (link.isMain()) {
            link.source.comeUntil(now + Gathering.SETTLING_NANOS);
        }
    }

    private void introduce() {
        any(link -> link.fate == Fate.STRANGER).ifPresent(this::introduce);
    }

    private void introduce(Link link) {
        history.accept(() -> "introduced: " + link);
        link.fate = Fate.KNOWN;
        if (link.isMain()) {
            link.source.comeUntil(now + Gathering.SETTLING_NANOS);
        }
        act(gathering.introduced(link.pending, link.source.realm.identity(), link.says()), false);
    }

    /** What has come of a main stream is looked at, to see whether pages are among it. */
    private void look() {
        any(link -> link.isMain() && link.fate == Fate.KNOWN)
                .ifPresent(main -> look(main, main.source.plain && random.nextBoolean()));
    }

    /** A source with channels has them connected before anybody could be certain; what is likely may be wrong. */
    private void look(Link main, boolean certain) {
        boolean plain = main.source.plain;
        if (!plain && random.nextInt(4) > 0
                || gathering.channelsOf(main.pending).mayBeThere()) {
            return;
        }
        history.accept(() -> "plain: " + main + " certain=" + certain);
        if (!plain) {
            doom(main);
        }
        lookedAt = main;
        act(gathering.plain(main.pending, certain), true);
        lookedAt = null;
        assertTrue(main.fate != Fate.KNOWN, () -> "not taken: " + main);
    }

    /** A connection breaks before it has said who it is, or is cut because it takes too long. */
    private void lose() {
        any(link -> link.fate == Fate.STRANGER).ifPresent(link -> {
            history.accept(() -> "lost: " + link);
            doom(link);
            boolean said = random.nextBoolean();
            if (said) {
                link.pending.begins(link.isMain() ? Beginning.MAIN : Beginning.CHANNEL);
            } else if (link.source.left && link.isMain()) {
                // A source that ends its main channel without a word has not got any further.
                link.source.stop();
                if (link.source.links.stream().anyMatch(other -> other != link && other.fate != Fate.GONE)) {
                    link.pending.begins(Beginning.MAIN);
                }
            }
            link.fate = Fate.GONE;
            act(gathering.lost(link.pending, link.source.left), false);
        });
    }

    /** A source hears that its main channel was closed, sooner or later. */
    private void refused() {
        any(link -> link.isMain() && link.fate == Fate.GONE && !link.source.left)
                .ifPresent(link -> leave(link.source));
    }

    private void leave(SimulatedSource source) {
        history.accept(() -> "left: " + source);
        source.leave(now);
    }

    private void giveUp() {
        if (!sources.isEmpty() && random.nextInt(3) == 0) {
            leave(sources.get(random.nextInt(sources.size())));
        }
    }

    private void tick() {
        now += random.nextInt(3) == 0 ? random.nextLong(80 * SECOND) : random.nextLong(SECOND);
        history.accept(() -> "time: " + now);
        for (SimulatedSource source : sources) {
            if (now - source.deadline > 0) {
                source.stop();
            }
        }
        for (SimulatedSource source : List.copyOf(sources)) {
            for (Link link : source.links) {
                if (link.fate == Fate.STRANGER && now - STALL - link.pending.acceptedNanos() > 0) {
                    history.accept(() -> "cut: " + link);
                    doom(link);
                    link.fate = Fate.GONE;
                    act(gathering.lost(link.pending, false), false);
                }
            }
        }
    }

    /** Somebody who is of no guest. */
    private void stranger() {
        SimulatedSource nobody = new SimulatedSource(
                ++sourceCount,
                channels,
                new Realm(new Realm.Origin("door0", "/10.0.0.0"), Optional.empty()),
                SimulatedSource.NO_UUID,
                false,
                false);
        Link link = new Link(nobody, 0);
        var admission = accepted(link, "nobody");
        nobody.doomed = true;
        link.fate = Fate.STRANGER;
        act(admission.outcome(), true);
        admission.pending().ifPresent(pending -> {
            pending.begins(random.nextBoolean() ? Beginning.NEITHER : Beginning.UNKNOWN);
            link.fate = Fate.GONE;
            act(gathering.lost(pending, random.nextBoolean()), false);
        });
    }

    /** The listener fails with a connection in its hand. */
    private void miss() {
        any(this::mayCome).ifPresent(link -> {
            history.accept(() -> "missed: " + link);
            doom(link);
            link.fate = Fate.GONE;
            act(gathering.missed(link.source.realm.origin().address()), false);
        });
    }

    private void act(Outcome<Link> outcome, boolean mayRefuseGood) {
        for (Outcome.Refusal<Link> refusal : outcome.refused()) {
            for (PendingConnection<Link> pending : refusal.connections()) {
                Link link = pending.connection();
                history.accept(() -> "refused: " + link + " because " + refusal.reason());
                assertTrue(link.fate == Fate.STRANGER || link.fate == Fate.KNOWN, () -> "twice: " + link);
                boolean good = link.source.isNamed()
                        && !link.source.doomed
                        && refusal.rule() != RefusalLog.Rule.MAX_CONNECTIONS;
                assertTrue(mayRefuseGood || isForgetful || !good, () -> refusal.reason() + " " + link.source.links);
                link.source.doomed = true;
                link.fate = Fate.GONE;
            }
        }
        for (Outcome.Guest<Link> guest : outcome.complete()) {
            List<Link> links =
                    guest.all().stream().map(PendingConnection::connection).toList();
            for (Link link : links) {
                assertTrue(areOfOne(links.getFirst().source, link.source), links::toString);
                assertEquals(Fate.KNOWN, link.fate);
                link.fate = Fate.JOINED;
            }
            if (lookedAt == null) {
                assertEquals(channels + 1, links.size());
            } else {
                assertEquals(List.of(lookedAt), links);
            }
            joined++;
        }
    }

    /** Or of two attempts of one guest with a uuid that its source has both ended: nobody waits for an answer. */
    private boolean areOfOne(SimulatedSource one, SimulatedSource other) {
        return one == other || one.isNamed() && one.said.equals(other.said) && one.left && other.left;
    }

    /**
     * Everybody comes to an end: nothing is left of them, and then each guest that comes alone is taken, in whatever
     * order its connections come.
     */
    void settle() {
        sources.forEach(SimulatedSource::stop);
        any(link -> link.fate == Fate.STRANGER).ifPresent(_ -> {
            for (SimulatedSource source : sources) {
                source.links.stream().filter(link -> link.fate == Fate.STRANGER).forEach(this::introduce);
            }
        });
        now += 1;
        act(gathering.expire(now, "the end"), true);
        assertEquals(0, gathering.waiting());
        now += Gathering.SETTLING_NANOS + 1;
        assertTrue(gathering.isEmpty());
        sources.clear();
        lastOfUuid.clear();
        begin();
        for (SimulatedSource alone : sources) {
            List<Link> links = new ArrayList<>(alone.links);
            Collections.shuffle(links, new java.util.Random(random.nextLong()));
            links.forEach(this::connect);
            Collections.shuffle(links, new java.util.Random(random.nextLong()));
            links.forEach(this::introduce);
            if (alone.plain) {
                look(alone.main(), true);
            }
            assertTrue(links.stream().allMatch(link -> link.fate == Fate.JOINED), links::toString);
        }
        sources.clear();
        assertTrue(gathering.isEmpty());
    }
}
