package io.pageferry.stream;

import java.io.IOException;

/**
 * What a destination tells its source on the return path: QEMU's {@code MIG_RP_MSG_*}.
 *
 * @param type what is said
 * @param number the payload of SHUT and PONG, otherwise 0
 */
public record ReturnPathMessage(int type, int number) {
    /** The destination is done: 0 where all is well, otherwise an error number. */
    public static final int SHUT = 1;

    /** The answer to a PING, with its number. */
    public static final int PONG = 2;

    /**
     * The number of the PING that ends postcopy's package: its PONG tells a source that all of the package is loaded
     * ({@code QEMU_VM_PING_PACKAGED_LOADED}).
     */
    public static final int PONG_PACKAGED_LOADED = 0x42;

    /** The destination asks for a page: postcopy only, as the two after it, and the answer to a paused one. */
    static final int REQ_PAGES_ID = 3;

    static final int REQ_PAGES = 4;
    static final int RECV_BITMAP = 5;
    static final int RESUME_ACK = 6;

    /** The destination is ready for the switchover; a source with {@code switchover-ack} waits for it. */
    public static final int SWITCHOVER_ACK = 7;

    public static ReturnPathMessage shut(int error) {
        return new ReturnPathMessage(SHUT, error);
    }

    public static ReturnPathMessage switchoverAck() {
        return new ReturnPathMessage(SWITCHOVER_ACK, 0);
    }

    public static ReturnPathMessage pong(int number) {
        return new ReturnPathMessage(PONG, number);
    }

    /** Reads a message; one that a precopy migration does not have is refused. */
    public static ReturnPathMessage read(StreamInput in) throws IOException {
        int type = in.u16("return path message");
        int length = in.u16("return path message's length");
        int expected = switch (type) {
            case SHUT, PONG -> Integer.BYTES;
            case SWITCHOVER_ACK -> 0;
            default ->
                throw new StreamException("return path message must be one of a precopy migration: type=" + type + " ("
                        + name(type) + ")");
        };
        if (length != expected) {
            throw new StreamException(
                    "return path message's length must be " + expected + ": type=" + type + " length=" + length);
        }
        return new ReturnPathMessage(type, expected == 0 ? 0 : in.u32("return path message's number"));
    }

    private static String name(int type) {
        return switch (type) {
            case REQ_PAGES_ID -> "REQ_PAGES_ID, of postcopy";
            case REQ_PAGES -> "REQ_PAGES, of postcopy";
            case RECV_BITMAP -> "RECV_BITMAP, of postcopy";
            case RESUME_ACK -> "RESUME_ACK, of postcopy";
            default -> "unknown";
        };
    }

    public void write(StreamOutput out) throws IOException {
        if (type == SWITCHOVER_ACK) {
            out.u16(type).u16(0);
        } else {
            out.u16(type).u16(Integer.BYTES).u32(number);
        }
    }
}
