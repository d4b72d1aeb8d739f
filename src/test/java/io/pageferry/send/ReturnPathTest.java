package io.pageferry.send;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationUri;
import io.pageferry.net.Connection;
import io.pageferry.net.Connector;
import io.pageferry.net.Listener;
import io.pageferry.net.StallWatch;
import io.pageferry.testing.LeakFree;
import io.pageferry.testing.StreamBytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a destination says on a real connection, all of it there before it is read. */
@LeakFree
@Timeout(30)
class ReturnPathTest {
    private static final int SHUT = 1;
    private static final int PONG = 2;
    private static final int SWITCHOVER_ACK = 7;

    private final StallWatch watch = new StallWatch(Duration.ofMinutes(1));
    private final ReturnPath returnPath = new ReturnPath(watch);

    @Test
    void shouldEndWellWhenTheDestinationSaysAllItCan() throws Exception {
        returnPath.lastBytesFollow();
        listen(message(SWITCHOVER_ACK)
                .raw(message(PONG, 1).toBytes())
                .raw(message(SWITCHOVER_ACK).toBytes())
                .raw(message(SHUT, 0).toBytes()));
        assertTrue(returnPath.isLoaded());
    }

    @Test
    void shouldFailWithItsNumberWhenTheDestinationHasFailed() {
        returnPath.lastBytesFollow();
        assertEquals(
                "destination must take the guest, it says that it failed (its log says why): error=22",
                refusal(message(SHUT, 22)));
        assertFalse(returnPath.isLoaded());
    }

    @Test
    void shouldRefuseShutWhenNotAllIsSent() {
        assertEquals("destination must not be done before all is sent: message=SHUT", refusal(message(SHUT, 0)));
    }

    @Test
    void shouldRefusePongWhenItAnswersNoPing() {
        assertEquals("PONG must answer a PING: number=4294967295 sent=1", refusal(message(PONG, -1)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "3   | REQ_PAGES_ID, of postcopy",
                "4   | REQ_PAGES, of postcopy",
                "5   | RECV_BITMAP, of postcopy",
                "6   | RESUME_ACK, of postcopy",
                "8   | unknown"
            })
    void shouldNameMessageWhenItIsNotOfAPrecopyMigration(int type, String name) {
        assertEquals(
                "return path message must be one of a precopy migration: type=" + type + " (" + name + ")",
                refusal(message(type)));
    }

    @ParameterizedTest
    @CsvSource({"1, 0, 4", "2, 8, 4", "7, 4, 0"})
    void shouldRefuseMessageWhenItsLengthIsNotThatOfItsType(int type, int length, int expected) {
        assertEquals(
                "return path message's length must be " + expected + ": type=" + type + " length=" + length,
                refusal(new StreamBytes().u16(type).u16(length)));
    }

    private static StreamBytes message(int type) {
        return new StreamBytes().u16(type).u16(0);
    }

    private static StreamBytes message(int type, int number) {
        return new StreamBytes().u16(type).u16(4).u32(number);
    }

    private String refusal(StreamBytes said) {
        return assertThrows(IOException.class, () -> listen(said)).getMessage();
    }

    private void listen(StreamBytes said) throws IOException, InterruptedException {
        try (Listener listener = Listener.open(new MigrationUri.Tcp("127.0.0.1", 0), 1);
                Connection destination =
                        Connector.to(listener.uri()).connect(new StallWatch(Duration.ofMinutes(1)), "destination");
                Connection main = listener.accept(watch, "main channel")) {
            destination.writeFully(ByteBuffer.wrap(said.toBytes()), "answer");
            returnPath.run(main);
        }
    }
}
