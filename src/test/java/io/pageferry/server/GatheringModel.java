package io.pageferry.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.receive.Introduction;
import io.pageferry.server.PendingConnection.Beginning;
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
    private static final UUID NO_UUID = new UUID(0, 0);

    /** What has become of a connection. */
    private enum Fate {
        /** Its source may still connect it. */
        TO_COME,
        /** Accepted, and has not said who it is. */
        STRANGER,
        /** Has said who it is. */
        KNOWN,
        /** Joined to others. */
        JOINED,
        /** Closed here, or never to come. */
        GONE
    }

    /** A connection, which knows whose it is. */
    private final class Link {
        private final Source source;
        private final int channel; // -1: the main one
        private Fate fate = Fate.TO_COME;
        private PendingConnection<Link> pending;

        Link(Source source, int channel) {
            this.source = source;
            this.channel = channel;
        }

        boolean isMain() {
            return channel < 0;
        }

        Introduction says() {
            return isMain() ? new Introduction.Main(source.said) : new Introduction.Channel(source.uuid, channel);
        }

        @Override
        public String toString() {
            return source + (isMain() ? " main" : " channel " + channel) + " " + fate;
        }
    }

    /** One attempt of one guest's source to migrate. */
    private final class Source {
        private final int number = ++sourceCount;
        private final String address;
        private final String host;
        private final Optional<String> identity;
        private final UUID uuid;
        private final Optional<UUID> said;

        /** Its main channel brings its pages: it has no others. */
        private final boolean plain;

        private final List<Link> links = new ArrayList<>();

        /** Something that is not the gathering's fault has happened to it. */
        private boolean doomed;

        private boolean left;

        /** When the last of its connections has come, or never will. */
        private long deadline = Long.MAX_VALUE;

        Source(String address, String host, Optional<String> identity, UUID uuid, boolean validates, boolean plain) {
            this.address = address;
            this.host = host;
            this.identity = identity;
            this.uuid = uuid;
            this.said = validates ? Optional.of(uuid) : Optional.empty();
            this.plain = plain;
            for (int channel = -1; channel < (plain ? 0 : channels); channel++) {
                links.add(new Link(this, channel));
            }
        }

        Link main() {
            return links.getFirst();
        }

        boolean isNamed() {
            return said.isPresent() && !said.get().equals(NO_UUID);
        }

        boolean isOver() {
            return links.stream().allMatch(link -> link.fate == Fate.JOINED || link.fate == Fate.GONE);
        }

        void leave() {
            history.accept(() -> "left: " + this);
            left = true;
            doomed = true;
            comeUntil(now + Gathering.LEAVING_NANOS);
        }

        void comeUntil(long atTheLatest) {
            deadline = Math.min(deadline, atTheLatest);
        }

        /** It connects nothing any more. */
        void stop() {
            links.stream().filter(link -> link.fate == Fate.TO_COME).forEach(link -> link.fate = Fate.GONE);
        }

        @Override
        public String toString() {
            return "source " + number + " from " + host + " to " + address + " " + identity + " " + uuid + " " + said
                    + (plain ? " plain" : "");
        }
    }

    private final SplittableRandom random;

    /** Whether it is soon not known any more which uuids were given up. Then more is refused, and nothing joined. */
    private final boolean isForgetful;

    private final int channels;
    private final int maxConnections;
    private final Gathering<Link> gathering;
    private final List<Source> sources = new ArrayList<>();
    private final Map<UUID, Source> lastOfUuid = new HashMap<>();
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
        sources.removeIf(Source::isOver);
    }

    private void begin() {
        if (sources.size() < MAX_SOURCES) {
            UUID uuid = random.nextBoolean() ? NO_UUID : new UUID(1, random.nextInt(4));
            Source before = lastOfUuid.get(uuid);
            // It may be turned on because of a refusal.
            boolean validates = random.nextBoolean() || before != null && before.isNamed();
            Source source = new Source(
                    "door" + random.nextInt(4) / 3,
                    "/10.0.0." + random.nextInt(5) / 3,
                    tls ? Optional.of("CN=" + random.nextInt(3) / 2) : Optional.empty(),
                    uuid,
                    validates,
                    random.nextInt(4) == 0);
            if (uuid.equals(NO_UUID) || hasEnded(before)) {
                lastOfUuid.put(uuid, source);
                sources.add(source);
            }
        }
    }

    /**
     * A guest migrates once at a time: it comes again when its source has ended all connections, and what there was of
     * them has arrived.
     */
    private boolean hasEnded(Source before) {
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
        for (Source source : sources) {
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
        Source source = link.source;
        history.accept(() -> "accepted: " + link);
        var admission = gathering.accepted(link, source.address, source.host, source.host, link.toString());
        link.pending = admission.pending().orElse(null);
        link.fate = Fate.STRANGER;
        if (link.pending == null) {
            doom(link);
        }
        act(admission.outcome(), true);
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
        act(gathering.introduced(link.pending, link.source.identity, link.says()), false);
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
                .ifPresent(link -> link.source.leave());
    }

    private void giveUp() {
        if (!sources.isEmpty() && random.nextInt(3) == 0) {
            sources.get(random.nextInt(sources.size())).leave();
        }
    }

    private void tick() {
        now += random.nextInt(3) == 0 ? random.nextLong(80 * SECOND) : random.nextLong(SECOND);
        history.accept(() -> "time: " + now);
        for (Source source : sources) {
            if (now - source.deadline > 0) {
                source.stop();
            }
        }
        for (Source source : List.copyOf(sources)) {
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
        Source nobody = new Source("door0", "/10.0.0.0", Optional.empty(), NO_UUID, false, false);
        Link link = new Link(nobody, 0);
        var admission = gathering.accepted(link, nobody.address, nobody.host, nobody.host, "nobody");
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
            act(gathering.missed(link.source.address), false);
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
    private boolean areOfOne(Source one, Source other) {
        return one == other || one.isNamed() && one.said.equals(other.said) && one.left && other.left;
    }

    /**
     * Everybody comes to an end: nothing is left of them, and then each guest that comes alone is taken, in whatever
     * order its connections come.
     */
    void settle() {
        sources.forEach(Source::stop);
        any(link -> link.fate == Fate.STRANGER).ifPresent(_ -> {
            for (Source source : sources) {
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
        for (Source alone : sources) {
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
