package io.pageferry.server;

import io.pageferry.receive.Introduction;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;

/** A gathering with names in place of connections, two multifd channels a guest, and a clock that is set. */
abstract class GatheringScene {
    static final UUID FIRST = new UUID(1, 1);
    static final UUID SECOND = new UUID(2, 2);
    static final UUID THIRD = new UUID(3, 3);
    static final UUID NONE = new UUID(0, 0);
    static final String HOST = "/10.0.0.1";

    long now;
    final Set<String> left = new TreeSet<>();
    final Gathering<String> gathering = new Gathering<>(2, 100, new HostShare(0.5), () -> now, left::contains);
    final List<Set<String>> complete = new ArrayList<>();
    final List<String> reasons = new ArrayList<>();
    final Set<String> refused = new TreeSet<>();
    String address = "tcp::4444";
    String host = HOST;
    Optional<String> identity = Optional.empty();

    PendingConnection<String> accept(String name) {
        return admit(name).pending().orElseThrow();
    }

    Outcome.Admission<String> admit(String name) {
        Outcome.Admission<String> admission = gathering.accepted(name, address, host, host, name);
        note(admission.outcome());
        return admission;
    }

    void main(String name, UUID uuid) {
        introduce(accept(name), new Introduction.Main(Optional.ofNullable(uuid)));
    }

    void channel(String name, UUID uuid, int id) {
        introduce(accept(name), new Introduction.Channel(uuid, id));
    }

    Outcome<String> introduce(PendingConnection<String> pending, Introduction says) {
        return note(gathering.introduced(pending, identity, says));
    }

    Outcome<String> note(Outcome<String> outcome) {
        outcome.complete()
                .forEach(guest -> complete.add(
                        guest.all().stream().map(PendingConnection::connection).collect(Collectors.toSet())));
        outcome.refused().forEach(refusal -> {
            refusal.connections().forEach(pending -> refused.add(pending.connection()));
            reasons.add(refusal.reason());
        });
        return outcome;
    }
}
