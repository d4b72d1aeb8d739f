package io.pageferry.receive;

import io.pageferry.net.Connection;
import io.pageferry.stream.ReturnPathMessage;
import io.pageferry.stream.StreamOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * What a destination says on the main channel, once the source has opened the return path: answers and the last word,
 * both by the main thread, and between them signs of life, by a thread of their own ({@link #repeatPong}).
 *
 * <p>A sign of life is the last PONG once more. A source that has sent all waits for the last word alone, and cannot
 * tell a destination whose disk is slow from one that is gone. QEMU takes a PONG for news whatever its number, but for
 * one number, and only notes it. Where no PING came there is no PONG, and none is made up: such a source asks for no
 * signs.
 *
 * <p>A source that pauses is to show that it lives. That its kernel acknowledges a sign does not say that its process
 * reads: so that much is said then that no kernel keeps it, and what is not read is not acknowledged any more.
 */
final class ReturnPathWriter {
    /** Often enough for a source whose patience is a few seconds, and nothing to the network. */
    private static final long MOST_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** Who has less patience than that here has so many signs in the time; the other end often has as much. */
    private static final int SIGNS_IN_STALL_TIMEOUT = 4;

    /** So much is said to a source that pauses, in a {@code stall-timeout}: twice of what Linux keeps for a reader. */
    private static final long PROOF_BYTES = 256 * 1024;

    /** In one message, for which there is room or not. */
    private static final int SIGNS_AT_ONCE = 64;

    private static final int PONG_BYTES = 8;

    private final Connection connection;
    private final StreamOutput out;
    private final long periodNanos;
    private final long signsOfProof;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private volatile boolean open; // written by the main thread
    private volatile OptionalInt lastPong = OptionalInt.empty(); // written by the main thread, under the lock
    private boolean shut; // guarded by lock: the last word is said, or being said
    private String saying = "return path message"; // guarded by lock
    private boolean offered; // guarded by lock: what is written is a sign of life

    /**
     * Makes a writer that is not open.
     *
     * @param stallTimeout how long a wait on the source may last
     */
    ReturnPathWriter(Connection connection, Duration stallTimeout) {
        this.connection = connection;
        this.out = new StreamOutput(this::write);
        this.periodNanos = Math.clamp(stallTimeout.toNanos() / SIGNS_IN_STALL_TIMEOUT, 1, MOST_NANOS);
        this.signsOfProof = Math.max(PROOF_BYTES / PONG_BYTES / Math.max(stallTimeout.toNanos() / periodNanos, 1), 1);
    }

    /** Whether the source listens: as long as it does not, nothing is said. For any thread. */
    boolean isOpen() {
        return open;
    }

    void open() {
        open = true;
    }

    /** Whether the source gets signs of life: it listens, and there is a PONG to be repeated. For any thread. */
    boolean givesSigns() {
        return lastPong.isPresent();
    }

    void switchoverAck() throws IOException {
        tell(ReturnPathMessage.switchoverAck());
    }

    void pong(int number) throws IOException {
        lock.lock();
        try {
            tell(ReturnPathMessage.pong(number));
            if (open && number != ReturnPathMessage.PONG_PACKAGED_LOADED) {
                lastPong = OptionalInt.of(number);
                changed.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /** The last word: nothing is said after it, no sign of life either. */
    void shut(int error) throws IOException {
        lock.lock();
        try {
            shut = true;
            changed.signal();
            saying = "room for SHUT";
            tell(ReturnPathMessage.shut(error));
        } finally {
            lock.unlock();
        }
    }

    private void tell(ReturnPathMessage message) throws IOException {
        lock.lock();
        try {
            if (open) {
                message.write(out);
                out.flush();
            }
        } finally {
            lock.unlock();
        }
    }

    private void write(ByteBuffer bytes) throws IOException {
        if (offered) {
            connection.offer(bytes, "PONG");
        } else {
            connection.writeFully(bytes, saying);
        }
    }

    /**
     * A service: repeats the last PONG, each second or a little oftener, until the last word. It waits for nobody: a
     * source that leaves no room for a sign does not get it. One that is gone is left to who reads, or has the last
     * word for it.
     *
     * @param paused whether the source pauses, asked each time
     */
    void repeatPong(BooleanSupplier paused) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!shut) {
                if (lastPong.isEmpty()) {
                    changed.await();
                } else if (changed.awaitNanos(periodNanos) <= 0
                        && !shut
                        && !offerPongs(paused.getAsBoolean() ? signsOfProof : 1)) {
                    return;
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean offerPongs(long count) {
        offered = true;
        try {
            ReturnPathMessage pong = ReturnPathMessage.pong(lastPong.getAsInt());
            for (long left = count; left > 0; left -= SIGNS_AT_ONCE) {
                for (int i = 0; i < Math.min(left, SIGNS_AT_ONCE); i++) {
                    pong.write(out);
                }
                out.flush();
            }
            return true;
        } catch (IOException e) {
            return false;
        } finally {
            offered = false;
        }
    }
}
