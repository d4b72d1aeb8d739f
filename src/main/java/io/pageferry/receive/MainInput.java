package io.pageferry.receive;

import io.pageferry.net.Connection;
import io.pageferry.net.StallWatch;
import io.pageferry.stream.Section;
import io.pageferry.stream.SectionType;
import io.pageferry.stream.StreamInput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.LongAdder;

/**
 * The main channel's bytes, and what they say of the source: that it brings something, that it has broken off. Read by
 * the main thread.
 */
final class MainInput implements RamInput {
    private final Connection connection;
    private final StreamInput stream;
    private long broughtPages; // since more was read
    private long countedBytes;
    private boolean deviceState;
    private boolean mayPause;
    private volatile boolean brokenOff;

    MainInput(Connection connection) {
        this.connection = connection;
        this.stream = StreamInput.ofPages(this::readSome);
    }

    @Override
    public StreamInput stream() {
        return stream;
    }

    @Override
    public void broughtPage() {
        broughtPages++;
    }

    /**
     * Says whether the source may pause from now on. It does so between two sections, with its guest stopped, until its
     * user has it go on; QEMU may keep the footer of the first one until then.
     */
    void mayPause(boolean may) {
        mayPause = may;
    }

    private boolean isPauseAt(String what) {
        return mayPause && (what.equals(SectionType.WHAT) || what.equals(Section.FOOTER));
    }

    /** All RAM has come: what is read from now on is device state. */
    void endRam() {
        deviceState = true;
        mayPause = false;
    }

    /** Whether what is read from now on is a device's state before the end of RAM: the guest's, as its pages are. */
    void bringsDeviceState(boolean does) {
        deviceState = does;
    }

    @Override
    public void countBytes(LongAdder counter) {
        long now = connection.bytesRead();
        counter.add(now - countedBytes);
        countedBytes = now;
    }

    /**
     * Whether the source ended the stream, or lost its connection, where more was expected, or was cut off there. For
     * any thread.
     */
    boolean isBrokenOff() {
        return brokenOff;
    }

    private int readSome(ByteBuffer into, String what) throws IOException {
        int read = -1;
        try {
            read = readCounted(into, what);
        } finally {
            brokenOff = read < 0;
        }
        return read;
    }

    /** Once in a buffer, and not for each page: zero pages of older QEMUs all come here. */
    private int readCounted(ByteBuffer into, String what) throws IOException {
        if (broughtPages > 0) {
            broughtPages = 0;
            connection.broughtPayload(StallWatch.PAYLOAD_BYTES);
        }
        int read = isPauseAt(what) ? connection.readSomeAfterPause(into, what) : connection.readSome(into, what);
        if (deviceState && read > 0) {
            connection.broughtPayload(read);
        }
        return read;
    }
}
