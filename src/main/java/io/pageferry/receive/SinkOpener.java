package io.pageferry.receive;

import io.pageferry.memory.PageSink;
import io.pageferry.memory.RamLayout;
import io.pageferry.stream.Configuration;
import io.pageferry.stream.DeviceStateSink;
import io.pageferry.stream.DeviceStateStore;
import io.pageferry.stream.HeapDeviceStateStore;
import io.pageferry.stream.MemoryGrowth;
import io.pageferry.stream.Section;
import java.io.IOException;
import java.util.Optional;
import java.util.UUID;

/** Opens the place that a guest's pages go to, once it is known what guest it is. Called by the main thread, once. */
@FunctionalInterface
public interface SinkOpener {
    /**
     * Says whose pages are going to come, once, before the sink is opened.
     *
     * @param uuid the guest's; empty where it has none
     * @param source who sends it, proved under TLS: a certificate's distinguished name, or a pre-shared key's user;
     *     empty where nobody has proved anything
     */
    default void guestIs(Optional<UUID> uuid, Optional<String> source) throws IOException {}

    /**
     * Opens a sink.
     *
     * @param ram how the source began its RAM section
     * @param layout the guest's blocks, not larger than {@code max-ram}
     */
    PageSink open(Configuration configuration, Section ram, RamLayout layout) throws IOException;

    /**
     * Where device state goes that comes behind RAM. Asked for once, when all pages have come.
     *
     * @param heap is asked before memory is taken for it
     */
    default DeviceStateStore deviceStateStore(MemoryGrowth heap) throws IOException {
        return new HeapDeviceStateStore(heap);
    }

    /** Where device state goes that comes beside RAM. Asked for once, when the sink is open. */
    default DeviceStateSink deviceStateSink() {
        return (piece, data) -> {
            throw new ReceiveException("device state must come through the main channel: device=" + piece.device()
                    + " length=" + piece.lengthBytes());
        };
    }
}
