package io.pageferry.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationUri;
import io.pageferry.testing.Eventually;
import io.pageferry.testing.LeakFree;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Guests without multifd and without a uuid that come to a server at once: nothing tells them from another's parts. */
@LeakFree
@Timeout(60)
class PlainGuestsTest extends ServerScene {
    private static final byte[] STREAM = new PlainSource().toBytes();
    private static final int BEGINNING = new PlainSource().beginning().length;

    /** A source that listens would keep its guest; these have let go of theirs when they have sent all. */
    @Test
    void shouldTakeAllWhenSeveralOfOneHostComeAtOnce() throws Exception {
        start(parameters().build(), 8, 32);
        try (SocketChannel first = beginAlone();
                SocketChannel second = beginBeside();
                SocketChannel third = begin()) {
            for (SocketChannel one : new SocketChannel[] {third, first, second}) {
                finish(one);
            }
            Eventually.until("three images", () -> store.list().size() == 3);
        }
    }

    @Test
    void shouldTakeOneWhileChannelsMayComeOfAnotherThatWasGivenUp() throws Exception {
        start(parameters().build(), 8, 32);
        try (SocketChannel first = beginAlone();
                SocketChannel second = beginBeside()) {
            assertTrue(first.isOpen() && second.isOpen());
        }
        try (SocketChannel next = begin()) {
            finish(next);
            Eventually.until("image", () -> store.list().size() == 1);
        }
    }

    /** Its channels are as little known as its main channel. */
    @Test
    void shouldStillRefuseAMainChannelThatBringsNoPage() throws Exception {
        start(parameters().build(), 8, 32);
        byte[] main = new Source().main();
        try (GuestSources sources = new GuestSources(server.uris().getFirst());
                SocketChannel plain = begin()) {
            sources.send(main, main.length, Peer.Then.SILENCE);
            sources.awaitClosed();
            finish(plain);
            Eventually.until("image", () -> store.list().size() == 1);
        }
        assertEquals(1, server.refusalCounters().counts().getOrDefault("gathering", 0L));
    }

    /**
     * One that waits for its channels, and two that are looked at once more. How far the server is with them is not to
     * be seen from here; who has not said who it is, or has bytes unread, is told nothing.
     */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void shouldTellSourcesWhenItCloses(int sources) throws Exception {
        boolean told = false;
        for (int attempt = 1; !told && attempt <= 6; attempt++) {
            start(parameters().build(), 8, 32);
            List<SocketChannel> all = new ArrayList<>();
            try {
                for (int i = 0; i < sources; i++) {
                    all.add(begin());
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50) << attempt);
                server.close();
                told = true;
                for (SocketChannel one : all) {
                    told &= isTold(one);
                }
            } finally {
                for (SocketChannel one : all) {
                    one.close();
                }
            }
            migrations.close();
        }
        assertTrue(told, "the sources know that their guests have not come");
        assertEquals(0, store.list().size());
    }

    @Test
    void shouldStillLookAtOthersWhenOneHostHasItsShareLookedAt() throws Exception {
        start(parameters().build(), 8, 1024);
        List<SocketChannel> crowd = new ArrayList<>();
        try {
            crowd.add(beginAlone());
            crowd.add(beginBeside());
            for (int i = 2; i < 300; i++) {
                crowd.add(begin());
            }
            Eventually.until("the crowd has said who it is", () -> server.waitingConnections() == 0);
            SocketChannel first = begin("127.0.0.2");
            crowd.add(first);
            SocketChannel second = begin("127.0.0.2");
            crowd.add(second);
            Eventually.until("they have, too", () -> server.waitingConnections() == 0);
            finish(first);
            finish(second);
            Eventually.until("two images", () -> store.list().size() == 2);
        } finally {
            for (SocketChannel one : crowd) {
                one.close();
            }
        }
    }

    /** Whether all that comes is the message that says that the guest has not come. */
    private static boolean isTold(SocketChannel source) {
        ByteBuffer answer = ByteBuffer.allocate(64);
        try {
            while (source.read(answer) >= 0) {
                // more may come
            }
        } catch (IOException e) {
            return false; // it was reset
        }
        return answer.flip().equals(ByteBuffer.wrap(new byte[] {0, 1, 0, 4, 0, 0, 0, 1}));
    }

    /** The first of its host, which may still be joined to channels. */
    private SocketChannel beginAlone() throws IOException {
        SocketChannel source = begin();
        Eventually.until("it waits", () -> server.waitingConnections() == 1);
        return source;
    }

    /** The second: it is not known any more whose channels would be whose, and both are looked at once more. */
    private SocketChannel beginBeside() throws IOException {
        SocketChannel source = begin();
        Eventually.until("none of them waits", () -> server.waitingConnections() == 0);
        return source;
    }

    private SocketChannel begin() throws IOException {
        return begin("127.0.0.1");
    }

    private SocketChannel begin(String from) throws IOException {
        MigrationUri.Tcp tcp = (MigrationUri.Tcp) server.uris().getFirst();
        SocketChannel source = SocketChannel.open();
        source.bind(new InetSocketAddress(from, 0)).connect(new InetSocketAddress(tcp.host(), tcp.port()));
        source.write(ByteBuffer.wrap(STREAM, 0, BEGINNING));
        return source;
    }

    private static void finish(SocketChannel source) throws IOException {
        ByteBuffer rest = ByteBuffer.wrap(Arrays.copyOfRange(STREAM, BEGINNING, STREAM.length));
        while (rest.hasRemaining()) {
            source.write(rest);
        }
        source.shutdownOutput();
    }
}
