package io.pageferry.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.receive.Introduction;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A main channel that brings its pages itself, among others that have channels. */
@Timeout(30)
class GatheringPlainGuestTest extends GatheringScene {
    @Test
    void shouldTakeAPlainGuestAmongOthersWithChannelsWhenEachSaysWhoItIs() {
        PendingConnection<String> plain = accept("p");
        introduce(plain, new Introduction.Main(Optional.of(THIRD)));
        main("a", FIRST);
        channel("a0", FIRST, 0);
        assertFalse(gathering.channelsOf(plain).mayBeThere(), "they are of a main channel that is here");
        note(gathering.plain(plain, true));
        assertEquals(List.of(Set.of("p")), complete);
        channel("a1", FIRST, 1);
        assertEquals(List.of(Set.of("p"), Set.of("a", "a0", "a1")), complete);
    }

    @Test
    void shouldTakeAPlainGuestWithoutUuidBesideOneWithUuidAndChannels() {
        main("a", FIRST);
        channel("a0", FIRST, 0);
        PendingConnection<String> plain = accept("p");
        introduce(plain, new Introduction.Main(Optional.empty()));
        note(gathering.plain(plain, true));
        channel("a1", FIRST, 1);
        assertEquals(List.of(Set.of("p"), Set.of("a", "a0", "a1")), complete);
        assertEquals(0, gathering.waiting());
    }

    @Test
    void shouldNotTakeAMainChannelForPlainWhileAChannelIsHereThatMayBeItsOwn() {
        PendingConnection<String> main = accept("a");
        introduce(main, new Introduction.Main(Optional.empty()));
        PendingConnection<String> channel = accept("a0");
        assertTrue(gathering.channelsOf(main).mayBeThere(), "who has not said who it is may be one");
        note(gathering.plain(main, true));
        introduce(channel, new Introduction.Channel(FIRST, 0));
        assertTrue(gathering.channelsOf(main).mayBeThere());
        note(gathering.plain(main, true));
        assertEquals(List.of(), complete);
        channel("a1", FIRST, 1);
        assertEquals(List.of(Set.of("a", "a0", "a1")), complete);
    }

    @Test
    void shouldJoinNoLateChannelsOfAGuestThatOnlySeemedToBePlain() {
        PendingConnection<String> main = accept("a");
        introduce(main, new Introduction.Main(Optional.empty()));
        note(gathering.plain(main, false));
        assertEquals(List.of(Set.of("a")), complete);
        main("b", null);
        channel("a0", NONE, 0);
        channel("a1", NONE, 1);
        assertEquals(List.of(Set.of("a")), complete);
        now += Gathering.SETTLING_NANOS + 1;
        main("c", null);
        channel("c0", NONE, 0);
        channel("c1", NONE, 1);
        assertEquals(List.of(Set.of("a"), Set.of("c", "c0", "c1")), complete);
    }

    /** They say whose they are, and it says who it is. */
    @Test
    void shouldNotHoldUpAPlainGuestWithUuidForChannelsOfAnotherThatWaitForTheirMainChannel() {
        channel("a0", FIRST, 0);
        PendingConnection<String> plain = accept("p");
        introduce(plain, new Introduction.Main(Optional.of(THIRD)));
        assertFalse(gathering.channelsOf(plain).mayBeThere());
        note(gathering.plain(plain, true));
        assertEquals(List.of(Set.of("p")), complete);
    }

    /** Somebody else's connection, at the wrong moment, must not have it taken for one with channels for good. */
    @Test
    void shouldLookAgainWhenWhoeverElseWasHereIsOfAnotherGuest() throws Exception {
        PendingConnection<String> plain = accept("p");
        introduce(plain, new Introduction.Main(Optional.empty()));
        PendingConnection<String> other = accept("a");
        note(gathering.plain(plain, true));
        assertEquals(List.of(), complete);
        assertTrue(gathering.awaitOthers(plain, Duration.ofMillis(1)));
        introduce(other, new Introduction.Main(Optional.of(FIRST)));
        assertTrue(gathering.awaitOthers(plain, Duration.ofMinutes(1)), "at once");
        note(gathering.plain(plain, true));
        assertEquals(List.of(Set.of("p")), complete);
        assertFalse(gathering.awaitOthers(plain, Duration.ofMinutes(1)), "it is not here any more");
    }

    @Test
    void shouldNotLookAgainWhenAChannelSaysThatItIsItsOwn() throws Exception {
        PendingConnection<String> main = accept("a");
        introduce(main, new Introduction.Main(Optional.of(FIRST)));
        channel("a0", FIRST, 0);
        assertFalse(gathering.awaitOthers(main, Duration.ofMinutes(1)));
    }

    @Test
    void shouldDoNothingForAPlainMainChannelThatIsGone() {
        PendingConnection<String> main = accept("a");
        introduce(main, new Introduction.Main(Optional.of(FIRST)));
        note(gathering.plain(main, true));
        note(gathering.plain(main, true));
        assertEquals(List.of(Set.of("a")), complete);
        assertTrue(gathering.channelsOf(main).mayBeThere(), "nobody is to take it for plain again");
    }
}
