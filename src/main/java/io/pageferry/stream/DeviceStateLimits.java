package io.pageferry.stream;

import java.util.HashSet;
import java.util.Set;

/**
 * Counts the device state that comes beside RAM, and refuses what is too much in all: each piece alone was within its
 * limit. For any thread.
 */
public final class DeviceStateLimits {
    /** A terabyte in the pieces of 1 MiB that QEMU's devices send. Each one costs a few dozen bytes of memory here. */
    private static final int MAX_PIECES = 1 << 20;

    /** Many times what a machine has slots for. */
    private static final int MAX_DEVICES = 4096;

    private final long maxBytes;

    private long bytes; // guarded by this
    private int pieces; // guarded by this
    private final Set<String> devices = new HashSet<>(); // guarded by this

    /**
     * Makes a counter.
     *
     * @param maxBytes of all pieces, with what stands in front of each
     */
    public DeviceStateLimits(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    /** Lets a piece in, before its data is read. */
    public synchronized void add(DeviceStatePiece piece) throws StreamException {
        bytes += piece.totalBytes();
        pieces++;
        if (bytes > maxBytes) {
            throw new StreamException("device state beside RAM must not be more than max-device-state: device="
                    + piece.device() + " bytes=" + bytes + " max-device-state=" + maxBytes);
        }
        if (pieces > MAX_PIECES) {
            throw new StreamException("device state beside RAM must be " + MAX_PIECES + " pieces at the most: device="
                    + piece.device() + " bytes=" + bytes);
        }
        if (devices.add(piece.device()) && devices.size() > MAX_DEVICES) {
            throw new StreamException("device state beside RAM must be of " + MAX_DEVICES
                    + " devices at the most: device=" + piece.device());
        }
    }
}
