package io.pageferry.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.receive.Introduction;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How long connections are waited for, and how many of whom may wait. */
@Timeout(30)
class GatheringWaitTest extends GatheringScene {
    @Test
    void shouldGiveUpWhoWaitsForTooLong() {
        main("a", FIRST);
        channel("a0", FIRST, 0);
        now = 100;
        main("b", SECOND);
        note(gathering.expire(100, "too late"));
        assertEquals(Set.of("a", "a0"), refused);
        assertEquals(
                List.of("too late: uuid=" + FIRST + " there=[main channel, channels [0]] multifd-channels=2"), reasons);
        assertEquals(1, gathering.waiting());
    }

    @Test
    void shouldGiveUpAMainChannelWithoutUuidThatWaitsForTooLong() {
        main("a", null);
        now = 100;
        note(gathering.expire(100, "too late"));
        assertEquals(Set.of("a"), refused);
        assertEquals(0, gathering.waiting());
    }

    @Test
    void shouldCountWhoWaits() {
        main("a", FIRST);
        accept("stranger");
        address = "tcp::4445";
        host = "/10.0.0.2";
        main("b", SECOND);
        assertEquals(3, gathering.waiting());
        assertEquals(2, gathering.waiting(HOST));
    }

    /** One host alone must not bring it about that no guest without a uuid is taken. */
    @Test
    void shouldTakeGuestsWithoutUuidOfOtherHostsHoweverManyOneHostHasGivenUp() {
        giveUpMany();
        host = "/10.0.0.2";
        main("b", null);
        channel("b0", SECOND, 0);
        channel("b1", SECOND, 1);
        assertEquals(List.of(Set.of("b", "b0", "b1")), complete);
    }

    @Test
    void shouldJoinNothingThatIsLeftWhenAHostHasGivenUpMany() {
        giveUpMany();
        main("b", null);
        channel("left0", new UUID(3, 1), 0);
        channel("left1", new UUID(3, 1), 1);
        assertEquals(List.of(), complete);
        main("c", FIRST);
        channel("c0", FIRST, 0);
        channel("c1", FIRST, 1);
        assertEquals(List.of(Set.of("c", "c0", "c1")), complete);
        now += 2 * Gathering.SETTLING_NANOS;
        assertTrue(gathering.isEmpty());
    }

    private void giveUpMany() {
        for (int i = 0; i < 5000; i++) {
            main("main" + i, new UUID(3, i));
            now++;
            note(gathering.expire(now, "too late"));
        }
        assertEquals(5000, refused.size());
    }

    @Test
    void shouldCountHostsOfOneNetworkTogether() {
        for (int i = 0; i < 50; i++) {
            assertTrue(gathering
                    .accepted("a" + i, address, "/[2001:db8::" + i + "]", "/[2001:db8::/64]", "a" + i)
                    .pending()
                    .isPresent());
        }
        assertEquals(
                Optional.empty(),
                gathering
                        .accepted("b", address, "/[2001:db8::b]", "/[2001:db8::/64]", "b")
                        .pending());
    }

    @Test
    void shouldForgetWhoIsLostAfterItHasSaidWhoItIs() {
        PendingConnection<String> pending = accept("a");
        introduce(pending, new Introduction.Main(Optional.of(FIRST)));
        note(gathering.lost(pending, false));
        note(gathering.lost(pending, false));
        note(gathering.expire(now + 1, "too late"));
        assertEquals(0, gathering.waiting());
        now += 2 * Gathering.SETTLING_NANOS;
        assertTrue(gathering.isEmpty());
    }
}
