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
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

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
        try (SocketChannel first = begin();
                SocketChannel second = begin();
                SocketChannel third = begin()) {
            Eventually.until("they have said who they are", () -> server.waitingConnections() == 0);
            for (SocketChannel one : new SocketChannel[] {third, first, second}) {
                finish(one);
            }
            Eventually.until("three images", () -> store.list().size() == 3);
        }
    }

    @Test
    void shouldTakeOneWhileChannelsMayComeOfAnotherThatWasGivenUp() throws Exception {
        start(parameters().build(), 8, 32);
        try (SocketChannel first = begin();
                SocketChannel second = begin()) {
            Eventually.until("they have said who they are", () -> server.waitingConnections() == 0);
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

    @Test
    void shouldLetGoOfThoseItStillLooksAtWhenItCloses() throws Exception {
        start(parameters().build(), 8, 32);
        try (SocketChannel first = begin();
                SocketChannel second = begin()) {
            Eventually.until("they have said who they are", () -> server.waitingConnections() == 0);
            server.close();
            for (SocketChannel one : new SocketChannel[] {first, second}) {
                awaitEnd(one);
            }
        }
        assertEquals(0, store.list().size());
    }

    /** Whatever is answered before. */
    private static void awaitEnd(SocketChannel source) {
        ByteBuffer answer = ByteBuffer.allocate(64);
        try {
            while (source.read(answer.clear()) >= 0) {
                // a message of the return path
            }
        } catch (IOException e) {
            // it was reset
        }
    }

    private SocketChannel begin() throws IOException {
        MigrationUri.Tcp tcp = (MigrationUri.Tcp) server.uris().getFirst();
        SocketChannel source = SocketChannel.open(new InetSocketAddress(tcp.host(), tcp.port()));
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
