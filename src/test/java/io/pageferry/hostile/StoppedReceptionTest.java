package io.pageferry.hostile;

import static io.pageferry.hostile.ReceivingScene.first;
import static io.pageferry.hostile.ReceivingScene.hasPackets;
import static io.pageferry.hostile.ReceivingScene.hasThreads;
import static io.pageferry.hostile.Source.DATA_PACKET;
import static io.pageferry.hostile.Source.DEVICE_STATE;
import static io.pageferry.hostile.Source.LAST_SYNC_PACKET;
import static io.pageferry.hostile.Source.PAGE_DATA;
import static io.pageferry.hostile.Source.SETUP_SECTION;
import static io.pageferry.hostile.Source.SYNC_PACKET;

import io.pageferry.hostile.FaultyDestination.Step;
import io.pageferry.hostile.Setting.Tls;
import io.pageferry.hostile.Stage.Cause;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/** A migration that comes in is stopped: every stage, every cause. */
class StoppedReceptionTest extends StoppingSuite {
    private static final String STALLED = "peer must not be silent for longer than stall-timeout: ";
    private static final String BROKEN = "connection must not break: ";
    private static final String NOBODY_WORKS = "all tasks wait for the source, none does anything that could fail";
    private static final int MAIN = 0;
    private static final int CHANNEL_0 = 1;
    private static final int CHANNEL_1 = 2;

    static Stream<Arguments> table() {
        return table(stages());
    }

    @Override
    List<Stage> rows() {
        return stages();
    }

    private static List<Stage> stages() {
        return List.of(
                new Stage("connecting", ReceivingScene::withoutSource)
                        .cannot(Cause.RESET, "nobody has connected")
                        .cannot(Cause.CLOSE, "nobody has connected")
                        .cannot(Cause.FAULT, NOBODY_WORKS)
                        .cannot(Cause.STALL, "the deadline counts from the first connection on"),
                handshake(Tls.X509),
                handshake(Tls.PSK),
                new Stage(
                                "waiting for all but the main channel",
                                setting -> ReceivingScene.of(
                                        setting,
                                        first(1, new Source().cut(MAIN, SETUP_SECTION)),
                                        MAIN,
                                        hasThreads("mig/dst/main")))
                        .says(Cause.RESET, BROKEN + "main channel during=\"*\" reason=\"*\"")
                        .says(Cause.CLOSE, "stream must not end in the middle: awaited=\"section type\"*")
                        .cannot(Cause.FAULT, NOBODY_WORKS)
                        .says(Cause.STALL, STALLED + "listener awaited=\"connection 2 of 3, *"),
                new Stage(
                                "waiting for the last channel",
                                setting -> ReceivingScene.of(
                                        setting,
                                        first(2, new Source().cut(CHANNEL_0, SYNC_PACKET)),
                                        CHANNEL_0,
                                        hasThreads("mig/dst/main", "mig/dst/recv_0")))
                        .says(Cause.RESET, BROKEN + "channel=0 during=\"packet\" reason=\"*\"")
                        .says(Cause.CLOSE, "channel must send SYNC before it closes: channels={0}")
                        .cannot(Cause.FAULT, NOBODY_WORKS)
                        .says(Cause.STALL, STALLED + "listener awaited=\"connection 3 of 3, *"),
                // Channel 1 has synced. Channel 0 brings the pages, and at a fault of ours no SYNC because of that.
                new Stage("in a sync", setting -> {
                            Source source = new Source().replace(CHANNEL_1, channelWithoutPages());
                            return setting.isFault()
                                    ? ReceivingScene.held(setting, source, CHANNEL_0, Step.COMMIT)
                                    : ReceivingScene.of(
                                            setting,
                                            source.cut(CHANNEL_0, LAST_SYNC_PACKET),
                                            CHANNEL_0,
                                            hasPackets(2, 2));
                        })
                        .says(Cause.RESET, BROKEN + "channel=0 during=\"packet\" reason=\"*\"")
                        .says(Cause.CLOSE, "channel must send SYNC before it closes: channels={0}")
                        .tellsFault()
                        .says(Cause.STALL, STALLED + "channel=0 awaited=\"packet\" *"),
                // At a fault it is channel 1's pages that are being written.
                new Stage("in the middle of a packet", setting -> {
                            Source source = new Source().cut(CHANNEL_0, PAGE_DATA + 5000);
                            return setting.isFault()
                                    ? ReceivingScene.held(setting, source, CHANNEL_0, Step.COMMIT)
                                    : ReceivingScene.of(setting, source, CHANNEL_0, hasPackets(2, 3));
                        })
                        .says(Cause.RESET, BROKEN + "channel=0 during=\"page data\" reason=\"*\"")
                        .says(Cause.CLOSE, "peer must not close inside a message: channel=0 awaited=\"page data\" *")
                        .tellsFault()
                        .says(Cause.STALL, STALLED + "channel=0 awaited=\"page data\" *"),
                // Channel 0's pages are on their way to a disk that does not take them.
                new Stage(
                                "writing the image",
                                setting -> ReceivingScene.held(
                                        setting,
                                        new Source()
                                                .replace(CHANNEL_1, channelWithoutPages())
                                                .cut(CHANNEL_1, DATA_PACKET),
                                        CHANNEL_1,
                                        Step.COMMIT))
                        .says(Cause.RESET, BROKEN + "channel=1 during=\"packet\" reason=\"*\"")
                        .says(Cause.CLOSE, "channel must send SYNC before it closes: channels={1}")
                        .tellsFault()
                        .says(Cause.STALL, STALLED + "channel=1 awaited=\"packet\" *"),
                new Stage(
                                "receiving the device state",
                                setting -> ReceivingScene.of(
                                        setting, new Source().cut(MAIN, DEVICE_STATE), MAIN, hasPackets(3, 3)))
                        .says(Cause.RESET, BROKEN + "main channel during=\"device state\" reason=\"*\"")
                        .says(Cause.CLOSE, "stream must end with its vmdescription, *")
                        .cannot(Cause.FAULT, "it is kept in memory, and all else is done")
                        .says(Cause.STALL, STALLED + "main channel awaited=\"device state\" *"),
                new Stage(
                                "putting the image on disk",
                                setting ->
                                        ReceivingScene.held(setting, Recording.QEMU_10.source(), MAIN, Step.COMPLETE))
                        .cannot(Cause.RESET, "all has come: the guest is kept, whether its source hears of it or not")
                        .cannot(Cause.CLOSE, "all has come: the guest is kept, whether its source hears of it or not")
                        .tellsFault()
                        .cannot(Cause.STALL, "the disk has all the time it needs"));
    }

    private static Stage handshake(Tls tls) {
        return new Stage("TLS handshake, " + tls, setting -> ReceivingScene.inHandshake(setting, tls))
                .says(Cause.RESET, BROKEN + "connection from * during=\"TLS handshake, *\" reason=\"*\"")
                .says(
                        Cause.CLOSE,
                        "client must not close before the TLS handshake is done, its log says why: connection from *")
                .cannot(Cause.FAULT, NOBODY_WORKS)
                .says(Cause.STALL, STALLED + "connection from * awaited=\"TLS handshake, *");
    }

    private static byte[] channelWithoutPages() {
        Source source = new Source();
        byte[] channel = source.connections.get(CHANNEL_1);
        byte[] bytes = new byte[DATA_PACKET + channel.length - LAST_SYNC_PACKET];
        System.arraycopy(channel, 0, bytes, 0, DATA_PACKET);
        System.arraycopy(channel, LAST_SYNC_PACKET, bytes, DATA_PACKET, channel.length - LAST_SYNC_PACKET);
        return bytes;
    }
}
