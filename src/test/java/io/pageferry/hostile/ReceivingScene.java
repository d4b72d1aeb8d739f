package io.pageferry.hostile;

import io.pageferry.config.MigrationParameters;
import io.pageferry.config.TlsSettings;
import io.pageferry.hostile.FaultyDestination.Step;
import io.pageferry.net.Connection;
import io.pageferry.net.Connector;
import io.pageferry.net.StallWatch;
import io.pageferry.net.tls.TlsSecurity;
import io.pageferry.session.MigrationOutcome;
import io.pageferry.session.MigrationProgress;
import io.pageferry.session.MigrationStatus;
import io.pageferry.session.MigrationThreads;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** A migration that comes in, from a source that has sent so much and says no more. */
final class ReceivingScene implements Scene {
    private static final StallWatch PATIENT = new StallWatch(Duration.ofMinutes(1));

    /** A record of handshake type that says it has 1 KiB, and the beginning of a ClientHello. */
    private static final byte[] HALF_A_HELLO = HexFormat.of().parseHex("1603010400010003fc0303");

    private final Intake intake;
    private final Peer peer = new Peer();
    private final List<Connection> protectedOnes = new ArrayList<>();
    private final Hold hold;
    private final int ending;
    private final Predicate<MigrationProgress> there;

    private ReceivingScene(Intake intake, Hold hold, int ending, Predicate<MigrationProgress> there) {
        this.intake = intake;
        this.hold = hold;
        this.ending = ending;
        this.there = there;
    }

    /** Nobody comes. */
    static Scene withoutSource(Setting setting) throws IOException {
        return new ReceivingScene(Intake.start(setting.folder(), setting.stallTimeout()), null, -1, progress -> true);
    }

    /**
     * What a source sends.
     *
     * @param ending which of its connections it ends where it does: in the order in which they were made
     * @param there whether all of it has been dealt with
     */
    static Scene of(Setting setting, Source source, int ending, Predicate<MigrationProgress> there) throws IOException {
        return new ReceivingScene(Intake.start(setting.folder(), setting.stallTimeout()), null, ending, there)
                .send(source);
    }

    /** The same where somebody is held up at a step on the way to the disk. */
    static Scene held(Setting setting, Source source, int ending, Step step) throws IOException {
        Hold hold = new Hold();
        Intake intake = Intake.startDisturbed(
                setting.folder(),
                parameters -> parameters.stallTimeout(setting.stallTimeout()),
                kept -> new FaultyDestination(kept, step, hold));
        return new ReceivingScene(intake, hold, ending, progress -> hold.isReached()).send(source);
    }

    /** One connection stops in its handshake; the others have done with theirs. */
    static Scene inHandshake(Setting setting, Setting.Tls kind) throws IOException {
        TlsSettings tls = setting.tls(kind);
        Consumer<MigrationParameters.Builder> settings =
                parameters -> parameters.stallTimeout(setting.stallTimeout()).tls(tls);
        ReceivingScene scene = new ReceivingScene(
                Intake.start(setting.folder(), settings), null, 0, hasThreads("mig/dst/main", "mig/dst/recv_0"));
        scene.peer.send(scene.intake.uri(), HALF_A_HELLO, Peer.Then.SILENCE);
        Source source = new Source().cut(1, Source.SYNC_PACKET);
        for (byte[] bytes : source.connections.subList(0, 2)) {
            Connection connection = Connector.to(
                            scene.intake.uri(), TlsSecurity.ofClient(Optional.of(tls), scene.intake.uri()))
                    .connect(PATIENT, "test");
            scene.protectedOnes.add(connection);
            connection.writeFully(ByteBuffer.wrap(bytes), "test");
        }
        return scene;
    }

    private ReceivingScene send(Source source) throws IOException {
        for (byte[] connection : source.connections) {
            peer.send(intake.uri(), connection, Peer.Then.SILENCE);
        }
        return this;
    }

    /** The connections that these threads serve have come, and have said who they are. */
    static Predicate<MigrationProgress> hasThreads(String... names) {
        return progress -> progress.threads().list().stream()
                .map(MigrationThreads.Info::name)
                .toList()
                .containsAll(Arrays.asList(names));
    }

    /** So many packets have begun on the channels. */
    static Predicate<MigrationProgress> hasPackets(int channel0, int channel1) {
        return progress -> progress.status() == MigrationStatus.ACTIVE
                && progress.stats().channel(0).packets.get() == channel0
                && progress.stats().channel(1).packets.get() == channel1;
    }

    /** A source of which some connections do not come. */
    static Source first(int connections, Source source) {
        return new Source(source.connections.subList(0, connections));
    }

    @Override
    public MigrationProgress progress() {
        return intake.migration().progress();
    }

    @Override
    public boolean isThere() {
        return there.test(progress());
    }

    @Override
    public void cancel() {
        intake.migration().cancel();
    }

    @Override
    public void yank() {
        intake.migration().yank();
    }

    @Override
    public Thread runner() {
        return intake.thread();
    }

    @Override
    public void end(Peer.Then how) throws IOException {
        peer.end(ending, how);
    }

    @Override
    public void fail(RuntimeException fault) {
        hold.fail(fault);
    }

    @Override
    public Future<MigrationOutcome> outcome() {
        return intake.outcome();
    }

    @Override
    public void awaitPeerClosed() throws InterruptedException {
        peer.awaitClosed();
        for (Connection connection : protectedOnes) {
            awaitEnd(connection);
        }
    }

    private static void awaitEnd(Connection connection) {
        ByteBuffer bytes = ByteBuffer.allocate(1024);
        try {
            while (connection.readSome(bytes.clear(), "end") >= 0) {
                // The rest of what was said.
            }
        } catch (IOException e) {
            // So it ends, too.
        }
    }

    @Override
    public void requireUntouched() throws IOException {
        intake.requireUntouched();
    }

    @Override
    public void close() throws IOException {
        intake.close();
        protectedOnes.forEach(Connection::close);
        peer.close();
    }
}
