package io.pageferry.send;

import io.pageferry.memory.PageBatch;
import io.pageferry.memory.RamBlock;

/** What a channel is handed when it sends to a peer: a batch of pages, or a piece of device state instead (QEMU's {@code MultiFDSendData}). */
final class SendBatch extends PageBatch {
    private static final int NONE = -1;

    private int piece = NONE;

    SendBatch(int fieldBytes, int capacity) {
        super(fieldBytes, capacity);
    }

    @Override
    public void begin(RamBlock block) {
        super.begin(block);
        piece = NONE;
    }

    /** Puts a piece in, by its place in the guest's list. */
    void piece(int index) {
        piece = index;
    }

    int piece() {
        return piece;
    }

    boolean isDeviceState() {
        return piece != NONE;
    }
}
