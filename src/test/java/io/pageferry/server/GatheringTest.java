package io.pageferry.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.receive.Introduction;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whose connection is whose. */
@Timeout(30)
class GatheringTest extends GatheringScene {
    @Test
    void shouldJoinChannelsToTheMainChannelWithTheirUuid() {
        main("a", FIRST);
        main("b", SECOND);
        channel("b1", SECOND, 1);
        channel("a0", FIRST, 0);
        channel("b0", SECOND, 0);
        channel("a1", FIRST, 1);
        assertEquals(List.of(Set.of("b", "b0", "b1"), Set.of("a", "a0", "a1")), complete);
        assertEquals(0, gathering.waiting());
    }

    @Test
    void shouldSayWhoTheGuestIsAndWhichChannelIsWhich() {
        main("a", FIRST);
        channel("a1", FIRST, 1);
        Outcome<String> outcome = introduce(accept("a0"), new Introduction.Channel(FIRST, 0));
        Outcome.Guest<String> guest = outcome.complete().getFirst();
        assertEquals(Optional.of(FIRST), guest.uuid());
        assertEquals(
                List.of("a", "a0", "a1"),
                guest.all().stream().map(PendingConnection::connection).toList());
    }

    @Test
    void shouldJoinAMainChannelWithoutUuidWhenNothingElseCanBeMeant() {
        main("a", null);
        channel("a0", FIRST, 0);
        channel("a1", FIRST, 1);
        assertEquals(List.of(Set.of("a", "a0", "a1")), complete);
    }

    @Test
    void shouldJoinAGuestThatHasNoUuidAtAll() {
        main("a", null);
        channel("a0", NONE, 0);
        channel("a1", NONE, 1);
        assertEquals(List.of(Set.of("a", "a0", "a1")), complete);
    }

    @Test
    void shouldTakeAGuestThatComesAgainAfterItsSourceHasGivenUp() {
        main("a", FIRST);
        channel("a0", FIRST, 0);
        left.addAll(Set.of("a", "a0"));
        main("b", FIRST);
        channel("b0", FIRST, 0);
        channel("b1", FIRST, 1);
        assertEquals(List.of(Set.of("b", "b0", "b1")), complete);
        assertEquals(Set.of("a", "a0"), refused);
        assertEquals(0, gathering.waiting());
    }

    @Test
    void shouldTakeAGuestThatComesAgainWhenItsChannelsWereThereAlone() {
        channel("a0", FIRST, 0);
        left.add("a0");
        main("b", FIRST);
        channel("b0", FIRST, 0);
        channel("b1", FIRST, 1);
        assertEquals(List.of(Set.of("b", "b0", "b1")), complete);
        assertEquals(Set.of("a0"), refused);
    }

    @Test
    void shouldTakeAGuestWithoutUuidThatComesAgainWhenAllThatItsSourceHadSentHasCome() {
        main("a", null);
        channel("a0", FIRST, 0);
        left.addAll(Set.of("a", "a0"));
        now += Gathering.LEAVING_NANOS + 1;
        note(gathering.expire(0, "too late"));
        assertEquals(Set.of("a", "a0"), refused);
        now += Gathering.LEAVING_NANOS + 1;
        main("b", null);
        channel("b0", SECOND, 0);
        channel("b1", SECOND, 1);
        assertEquals(List.of(Set.of("b", "b0", "b1")), complete);
        assertEquals(0, gathering.waiting());
    }

    @Test
    void shouldNotJoinWhatASourceThatHasGivenUpHadSentBefore() {
        main("a", null);
        channel("a0", NONE, 0);
        left.addAll(Set.of("a", "a0", "a1"));
        now += Gathering.LEAVING_NANOS + 1;
        note(gathering.expire(0, "too late"));
        main("b", null);
        channel("a1", NONE, 1);
        channel("b0", NONE, 0);
        channel("b1", NONE, 1);
        assertEquals(List.of(), complete);
    }

    @Test
    void shouldNotJoinWhatIsLeftOfAMainChannelThatWasRefusedAtOnce() {
        for (int i = 0; i < 50; i++) {
            accept("stranger" + i);
        }
        assertEquals(Optional.empty(), admit("a").pending());
        host = "/10.0.0.2";
        List<PendingConnection<String>> others = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            others.add(accept("other" + i));
        }
        assertEquals(Optional.empty(), admit("b").pending());
        others.forEach(other -> note(gathering.lost(other, true)));
        channel("b0", NONE, 0);
        main("c", null);
        channel("b1", NONE, 1);
        channel("c0", NONE, 0);
        channel("c1", NONE, 1);
        assertEquals(List.of(), complete);
        assertEquals(Set.of("a", "b", "b0", "b1", "c", "c0", "c1"), refused);
        main("d", null);
        channel("d0", NONE, 0);
        channel("d1", NONE, 1);
        assertEquals(List.of(Set.of("d", "d0", "d1")), complete);
    }

    @Test
    void shouldNotJoinTheChannelsOfAGuestWithAUuidWhoseMainChannelWasRefused() {
        main("a", FIRST);
        channel("a2", FIRST, 2);
        main("b", null);
        channel("a0", FIRST, 0);
        channel("a1", FIRST, 1);
        channel("b0", SECOND, 0);
        channel("b1", SECOND, 1);
        assertEquals(List.of(Set.of("b", "b0", "b1")), complete);
        assertEquals(Set.of("a", "a2", "a0", "a1"), refused);
    }

    @Test
    void shouldNotJoinChannelsThatWereThereBeforeAMainChannelThatCameAgain() {
        main("a", FIRST);
        channel("a0", FIRST, 0);
        left.addAll(Set.of("a", "a0", "a1"));
        main("b", FIRST);
        channel("a1", FIRST, 1);
        channel("b0", FIRST, 0);
        assertEquals(List.of(), complete);
        channel("b1", FIRST, 1);
        assertEquals(List.of(Set.of("b", "b0", "b1")), complete);
    }

    @Test
    void shouldRefuseClonesThatComeAgainAsLongAsChannelsOfTheFirstOnesMay() {
        main("a", FIRST);
        main("clone", FIRST);
        channel("a0", FIRST, 0);
        channel("clone1", FIRST, 1);
        main("again", FIRST);
        assertEquals(List.of(), complete);
        assertEquals(Set.of("a", "a0", "clone", "clone1", "again"), refused);
        now += Gathering.SETTLING_NANOS + 1;
        main("b", FIRST);
        channel("b0", FIRST, 0);
        channel("b1", FIRST, 1);
        assertEquals(List.of(Set.of("b", "b0", "b1")), complete);
    }

    @Test
    void shouldDemandUuidsWhenNobodyKnowsWhoWasMissed() {
        main("a", null);
        note(gathering.missed(address));
        assertEquals(Set.of("a"), refused);
        channel("a0", NONE, 0);
        main("b", FIRST);
        channel("b0", FIRST, 0);
        channel("b1", FIRST, 1);
        assertEquals(List.of(Set.of("b", "b0", "b1")), complete);
        assertEquals(Set.of("a", "a0"), refused);
    }

    @Test
    void shouldTellGuestsWithoutUuidsApartByTheirHosts() {
        main("a", null);
        host = "/10.0.0.2";
        main("b", null);
        channel("b0", NONE, 0);
        channel("b1", NONE, 1);
        host = HOST;
        channel("a0", NONE, 0);
        channel("a1", NONE, 1);
        assertEquals(List.of(Set.of("b", "b0", "b1"), Set.of("a", "a0", "a1")), complete);
    }

    @Test
    void shouldTellGuestsWithoutUuidsApartByWhereTheyCome() {
        main("a", null);
        channel("a0", NONE, 0);
        address = "tcp::4445";
        main("b", null);
        channel("b0", NONE, 0);
        channel("b1", NONE, 1);
        address = "tcp::4444";
        channel("a1", NONE, 1);
        assertEquals(List.of(Set.of("b", "b0", "b1"), Set.of("a", "a0", "a1")), complete);
    }

    @Test
    void shouldTellGuestsWithoutUuidsApartByTheirTlsIdentities() {
        identity = Optional.of("CN=a");
        main("a", null);
        channel("a0", NONE, 0);
        identity = Optional.of("CN=b");
        main("b", null);
        channel("b0", NONE, 0);
        channel("b1", NONE, 1);
        identity = Optional.of("CN=a");
        channel("a1", NONE, 1);
        assertEquals(List.of(Set.of("b", "b0", "b1"), Set.of("a", "a0", "a1")), complete);
    }

    @Test
    void shouldNotJoinChannelsOfAnotherIdentityThatClaimAGuestsUuid() {
        identity = Optional.of("CN=a");
        main("a", FIRST);
        identity = Optional.of("CN=thief");
        channel("x0", FIRST, 0);
        channel("x1", FIRST, 1);
        assertEquals(List.of(), complete);
        identity = Optional.of("CN=a");
        channel("a0", FIRST, 0);
        channel("a1", FIRST, 1);
        assertEquals(List.of(Set.of("a", "a0", "a1")), complete);
    }

    @Test
    void shouldRefuseTwoMainChannelsWithoutUuidAndTheirChannels() {
        main("a", null);
        main("b", null);
        assertEquals(Set.of("a", "b"), refused);
        assertTrue(reasons.getFirst().contains(Gathering.ADVICE), reasons.getFirst());
        channel("a0", FIRST, 0);
        channel("b0", SECOND, 0);
        assertEquals(Set.of("a", "a0", "b", "b0"), refused);
        assertEquals(0, gathering.waiting());
    }

    @Test
    void shouldRefuseAMainChannelWithoutUuidWhenChannelsOfTwoGuestsWait() {
        channel("a0", FIRST, 0);
        channel("b0", SECOND, 0);
        main("a", null);
        assertEquals(Set.of("a", "a0", "b0"), refused);
    }

    /** Else it would get the channels of a guest that has been refused, and that are still on their way. */
    @Test
    void shouldRefuseAMainChannelWithoutUuidUntilNothingCanComeOfThoseThatWereRefused() {
        main("a", null);
        main("b", null);
        main("c", null);
        assertEquals(Set.of("a", "b", "c"), refused);
        now += Gathering.SETTLING_NANOS;
        main("too soon", null);
        now += Gathering.SETTLING_NANOS + 1;
        main("d", null);
        channel("d0", FIRST, 0);
        channel("d1", FIRST, 1);
        assertEquals(List.of(Set.of("d", "d0", "d1")), complete);
    }

    @Test
    void shouldTakeAMainChannelWithoutUuidWhenAllHaveComeOfThoseThatWereRefused() {
        main("a", null);
        main("b", null);
        channel("a0", NONE, 0);
        channel("b0", NONE, 0);
        channel("b1", NONE, 1);
        channel("a1", NONE, 1);
        main("c", null);
        channel("c0", NONE, 0);
        channel("c1", NONE, 1);
        assertEquals(List.of(Set.of("c", "c0", "c1")), complete);
    }

    @Test
    void shouldTakeGuestsWithUuidsWhileOthersOfTheirHostAreRefused() {
        main("a", null);
        main("b", null);
        main("c", FIRST);
        channel("c0", FIRST, 0);
        channel("c1", FIRST, 1);
        assertEquals(List.of(Set.of("c", "c0", "c1")), complete);
    }

    @Test
    void shouldWaitForWhoeverHasNotSaidWhoItIsBeforeItDecidesByTheHost() {
        PendingConnection<String> stranger = accept("b");
        main("a", null);
        channel("a0", FIRST, 0);
        channel("a1", FIRST, 1);
        assertEquals(List.of(), complete);
        introduce(stranger, new Introduction.Main(Optional.of(SECOND)));
        assertEquals(List.of(Set.of("a", "a0", "a1")), complete);
    }

    @Test
    void shouldDecideByTheHostWhenTheStrangerWasOfNoGuest() {
        PendingConnection<String> stranger = accept("b");
        main("a", null);
        channel("a0", FIRST, 0);
        channel("a1", FIRST, 1);
        stranger.begins(PendingConnection.Beginning.NEITHER);
        note(gathering.lost(stranger, false));
        assertEquals(List.of(Set.of("a", "a0", "a1")), complete);
    }

    @Test
    void shouldDecideByTheHostWhenTheStrangerHasLeftWithoutAWord() {
        PendingConnection<String> stranger = accept("b");
        main("a", null);
        channel("a0", FIRST, 0);
        channel("a1", FIRST, 1);
        note(gathering.lost(stranger, true));
        assertEquals(List.of(Set.of("a", "a0", "a1")), complete);
    }

    @Test
    void shouldNotDecideByTheHostWhenTheStrangerMayHaveBeenAMainChannel() {
        PendingConnection<String> stranger = accept("b");
        main("a", null);
        channel("b0", FIRST, 0);
        channel("b1", FIRST, 1);
        note(gathering.lost(stranger, false));
        assertEquals(List.of(), complete);
        assertEquals(Set.of("a", "b0", "b1"), refused);
    }

    @Test
    void shouldRefuseWhatADecisionByTheHostWouldNeedWhenAMainChannelHasBeenLost() {
        PendingConnection<String> stranger = accept("b");
        channel("b0", FIRST, 0);
        stranger.begins(PendingConnection.Beginning.MAIN);
        note(gathering.lost(stranger, true));
        assertEquals(Set.of("b0"), refused);
        main("a", null);
        assertEquals(Set.of("a", "b0"), refused);
    }

    @Test
    void shouldRefuseAGuestWhoseChannelComesTwice() {
        main("a", FIRST);
        channel("a0", FIRST, 0);
        channel("again", FIRST, 0);
        assertEquals(Set.of("a", "a0", "again"), refused);
    }

    @Test
    void shouldRefuseAGuestThatHasMoreChannels() {
        main("a", FIRST);
        channel("a0", FIRST, 0);
        channel("a2", FIRST, 2);
        assertEquals(Set.of("a", "a0", "a2"), refused);
        assertEquals(
                List.of("channel id must be below multifd-channels, set it as the source has it: channel=2"
                        + " multifd-channels=2 peer=a2 uuid=" + FIRST),
                reasons);
    }

    @Test
    void shouldRefuseASecondMainChannelWithTheSameUuid() {
        main("a", FIRST);
        main("clone", FIRST);
        assertEquals(Set.of("a", "clone"), refused);
    }
}
