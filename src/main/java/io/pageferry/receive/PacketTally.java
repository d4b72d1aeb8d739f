package io.pageferry.receive;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Whether all packets of a source have come, whatever number of channels it has. Each channel is written by its own
 * thread; for any thread to read, which is certain of what it reads where the channels wait.
 *
 * <p>Nothing on the wire says how many channels there are. But a source numbers the packets of all its channels by one
 * counter, from 0 on: where all have come, there are as many as the highest number says. Only their count tells that,
 * since of sources before QEMU 9.0 some numbers come twice and others never.
 */
final class PacketTally {
    private final AtomicLongArray packets;

    /** Of each channel one more than the highest. */
    private final AtomicLongArray numbers;

    /**
     * Makes one of nobody.
     *
     * @param channels how many there are at the most
     */
    PacketTally(int channels) {
        packets = new AtomicLongArray(channels);
        numbers = new AtomicLongArray(channels);
    }

    /**
     * How far a channel is.
     *
     * @param count its packets up to now
     * @param highest the highest number among them
     */
    void put(int channel, long count, long highest) {
        numbers.set(channel, highest + 1);
        packets.setRelease(channel, count);
    }

    /** Whether no packet is missing, as far as those that are there can tell. */
    boolean isWhole() {
        return count() == numbers();
    }

    private long count() {
        long all = 0;
        for (int i = 0; i < packets.length(); i++) {
            all += packets.getAcquire(i);
        }
        return all;
    }

    private long numbers() {
        long most = 0;
        for (int i = 0; i < numbers.length(); i++) {
            most = Math.max(most, numbers.get(i));
        }
        return most;
    }

    @Override
    public String toString() {
        return "packets=" + count() + " highestNumber=" + (numbers() - 1);
    }
}
