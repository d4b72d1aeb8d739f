package io.pageferry.receive;

import io.pageferry.metrics.MigrationStats;
import io.pageferry.stream.DeviceStateLimits;
import io.pageferry.stream.DeviceStatePiece;
import io.pageferry.stream.DeviceStateSink;
import io.pageferry.wire.CompressionMethod;
import io.pageferry.wire.DeviceStatePacketFlyweight;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Takes in the device state that comes beside RAM, for all channels ({@code multifd_device_state_recv}). For any
 * thread.
 *
 * <p>It also knows which channels have brought some that no SYNC has followed yet: only what is in front of a SYNC is
 * known to be all there is.
 */
final class DeviceStateIntake {
    private final DeviceStateSink sink;
    private final CompressionMethod method;
    private final DeviceStateLimits limits;
    private final MigrationStats stats;
    private final Set<Integer> unsynced = ConcurrentHashMap.newKeySet();

    /**
     * Makes an intake.
     *
     * @param method what is done to page data; device state comes only where that is nothing
     * @param maxBytes of device state in all
     */
    DeviceStateIntake(DeviceStateSink sink, CompressionMethod method, long maxBytes, MigrationStats stats) {
        this.sink = sink;
        this.method = method;
        this.limits = new DeviceStateLimits(maxBytes);
        this.stats = stats;
    }

    /** A channel's thread: takes a piece whose packet was validated. */
    void take(int channel, DeviceStatePacketFlyweight packet, DeviceStateSink.Data data)
            throws IOException, InterruptedException {
        DeviceStatePiece piece = DeviceStatePiece.of(packet);
        if (method != CompressionMethod.NONE) {
            throw new ReceiveException("device state must not come beside RAM where that is compressed: channel="
                    + channel + " device=" + piece.device() + " multifd-compression=" + method.qemuName());
        }
        limits.add(piece);
        unsynced.add(channel);
        sink.take(piece, data);
        stats.deviceStateBytes.add(piece.lengthBytes());
    }

    /** A channel's thread: a SYNC has come. */
    void synced(int channel) {
        unsynced.remove(channel);
    }

    /** Whether more may be on its way, the main stream being at its end. */
    boolean mayBringMore() {
        return !unsynced.isEmpty();
    }
}
