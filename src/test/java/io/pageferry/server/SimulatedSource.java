package io.pageferry.server;

import io.pageferry.receive.Introduction;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** One attempt of one guest's source to migrate, with its connections, in a {@link GatheringModel}. */
final class SimulatedSource {
    static final UUID NO_UUID = new UUID(0, 0);

    /** What has become of a connection. */
    enum Fate {
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
    static final class Link {
        final SimulatedSource source;
        private final int channel; // -1: the main one
        Fate fate = Fate.TO_COME;
        PendingConnection<Link> pending;

        Link(SimulatedSource source, int channel) {
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

    private final int number;
    final Realm realm;
    final UUID uuid;
    final Optional<UUID> said;

    /** Its main channel brings its pages: it has no others. */
    final boolean plain;

    final List<Link> links = new ArrayList<>();

    /** Something that is not the gathering's fault has happened to it. */
    boolean doomed;

    boolean left;

    /** When the last of its connections has come, or never will. */
    long deadline = Long.MAX_VALUE;

    SimulatedSource(int number, int channels, Realm realm, UUID uuid, boolean validates, boolean plain) {
        this.number = number;
        this.realm = realm;
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

    /** It ends all its connections. */
    void leave(long now) {
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
        return "source " + number + " of " + realm + " " + uuid + " " + said + (plain ? " plain" : "");
    }
}
