package io.pageferry.hostile;

import io.pageferry.hostile.Setting.Tls;
import io.pageferry.hostile.Stage.Cause;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/** A migration that goes out is stopped: every stage, every cause. */
class StoppedSendingTest extends StoppingSuite {
    private static final String STALLED = "peer must not be silent for longer than stall-timeout: ";
    private static final String CHANNEL_BROKEN = "connection must not break: channel=* during=\"*\" reason=\"*\"";
    private static final String CHANNEL_CLOSED =
            "destination must not close a channel before all is sent (its log says why): channel=*";
    private static final String NO_ANSWER =
            "destination must answer before it closes (its log says why): main channel awaited=\"SHUT\"";
    private static final String NOBODY_WORKS = "only one task is not waiting for another, and that waits for its peer";
    private static final String NOBODY_READS =
            "who waits for completions reads nothing, and a peer that has ended only its own side may still read";
    private static final String OURS = "it is us whom the destination waits for";
    private static final String NO_CONNECTION = "there is no connection";

    static Stream<Arguments> table() {
        return table(stages());
    }

    @Override
    List<Stage> rows() {
        return stages();
    }

    private static List<Stage> stages() {
        return List.of(
                new Stage("connecting", SendingScene::connecting)
                        .cannot(Cause.RESET, NO_CONNECTION)
                        .cannot(Cause.CLOSE, NO_CONNECTION)
                        .cannot(Cause.FAULT, NOBODY_WORKS)
                        .says(Cause.STALL, STALLED + "main channel awaited=\"connection to tcp:*\" *"),
                handshake(Tls.X509),
                handshake(Tls.PSK),
                new Stage("waiting for the last channel", SendingScene::withoutLastChannel)
                        .says(Cause.RESET, CHANNEL_BROKEN)
                        .says(Cause.CLOSE, CHANNEL_CLOSED)
                        .tellsFault()
                        .says(Cause.STALL, STALLED + "channel=* awaited=\"TLS handshake, *"),
                new Stage("in a sync", SendingScene::inSync)
                        .says(Cause.RESET, CHANNEL_BROKEN)
                        .says(Cause.CLOSE, CHANNEL_CLOSED)
                        .tellsFault()
                        .cannot(Cause.STALL, OURS),
                new Stage("in the middle of a packet", SendingScene::inPacket)
                        .says(Cause.RESET, CHANNEL_BROKEN)
                        .says(Cause.CLOSE, CHANNEL_CLOSED)
                        .tellsFault()
                        .says(Cause.STALL, STALLED + "channel=* awaited=\"packet\" *"),
                new Stage("in the middle of a packet that is not copied", SendingScene::inPacketOfZeroCopy)
                        .says(Cause.RESET, CHANNEL_BROKEN)
                        .cannot(Cause.CLOSE, NOBODY_READS)
                        .tellsFault()
                        .says(Cause.STALL, STALLED + "channel=* awaited=\"*\" *"),
                new Stage("at switchover, stopping the guest", SendingScene::stoppingTheGuest)
                        .says(Cause.RESET, CHANNEL_BROKEN)
                        .says(Cause.CLOSE, CHANNEL_CLOSED)
                        .tellsFault()
                        .cannot(Cause.STALL, OURS),
                new Stage(
                                "at switchover, waiting for the answer, a channel ends",
                                setting -> SendingScene.awaitingAnswer(setting, false))
                        .says(Cause.RESET, CHANNEL_BROKEN)
                        .cannot(
                                Cause.CLOSE,
                                "no failure: QEMU closes its channels before it says that it has the guest")
                        .cannot(Cause.FAULT, NOBODY_WORKS)
                        .says(Cause.STALL, STALLED + "main channel awaited=\"destination's answer\" *"),
                new Stage(
                                "at switchover, waiting for the answer, the main channel ends",
                                setting -> SendingScene.awaitingAnswer(setting, true))
                        .says(Cause.RESET, NO_ANSWER + " reason=\"*\"")
                        .says(Cause.CLOSE, NO_ANSWER)
                        .cannot(Cause.FAULT, NOBODY_WORKS)
                        .says(Cause.STALL, STALLED + "main channel awaited=\"destination's answer\" *"),
                new Stage("writing an image", SendingScene::intoImage)
                        .cannot(Cause.RESET, NO_CONNECTION)
                        .cannot(Cause.CLOSE, NO_CONNECTION)
                        .tellsFault()
                        .cannot(Cause.STALL, "there is no peer, and the disk has all the time it needs"));
    }

    private static Stage handshake(Tls tls) {
        return new Stage("TLS handshake, " + tls, setting -> SendingScene.inHandshake(setting, tls))
                .says(Cause.RESET, "connection must not break: main channel during=\"TLS handshake, *\" reason=\"*\"")
                .says(Cause.CLOSE, "server must not close before the TLS handshake is done, its log says why: *")
                .cannot(Cause.FAULT, NOBODY_WORKS)
                .says(Cause.STALL, STALLED + "main channel awaited=\"TLS handshake, *");
    }
}
