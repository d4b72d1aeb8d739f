package io.pageferry.stream;

import java.io.IOException;

/**
 * A command of the source to its destination: QEMU's {@code MIG_CMD_*}, with its payload as a number.
 *
 * @param code what is asked
 * @param number the payload of a PING, otherwise 0
 */
public record Command(int code, int number) {
    public static final int OPEN_RETURN_PATH = 1;
    public static final int PING = 2;
    public static final int POSTCOPY_ADVISE = 3;
    public static final int POSTCOPY_LISTEN = 4;
    public static final int POSTCOPY_RUN = 5;
    public static final int POSTCOPY_RAM_DISCARD = 6;
    public static final int PACKAGED = 7;
    public static final int ENABLE_COLO = 8;
    public static final int POSTCOPY_RESUME = 9;
    public static final int RECV_BITMAP = 10;
    public static final int SWITCHOVER_START = 11;

    /** Two page sizes with {@code postcopy-ram}; with {@code dirty-bitmaps} alone there are none. */
    private static final int ADVICE_BYTES = 2 * Long.BYTES;

    /** Reads a command after its section type byte; one that a precopy migration does not have is refused by name. */
    static Command read(StreamInput in) throws IOException {
        int code = in.u16("command");
        int length = in.u16("command's length");
        int expected = switch (code) {
            case OPEN_RETURN_PATH, SWITCHOVER_START -> 0;
            case PING -> Integer.BYTES;
            case POSTCOPY_ADVISE -> length == 0 ? 0 : ADVICE_BYTES;
            default ->
                throw new StreamException(
                        "command must be one of a precopy migration: command=" + code + " (" + name(code) + ")");
        };
        if (length != expected) {
            throw new StreamException("command's length must be " + expected + ": command=" + code + " (" + name(code)
                    + ") length=" + length);
        }
        if (code == POSTCOPY_ADVISE) {
            in.skip(length, "postcopy's page sizes");
        }
        return new Command(code, code == PING ? in.u32("ping's number") : 0);
    }

    /** Writes a command with its section type byte. */
    public void write(StreamOutput out) throws IOException {
        out.u8(SectionType.COMMAND).u16(code);
        if (code == PING) {
            out.u16(Integer.BYTES).u32(number);
        } else {
            out.u16(0);
        }
    }

    /** What QEMU calls a command; postcopy's are what a source with that capability sends. */
    static String name(int code) {
        return switch (code) {
            case OPEN_RETURN_PATH -> "OPEN_RETURN_PATH";
            case PING -> "PING";
            case POSTCOPY_ADVISE -> "POSTCOPY_ADVISE";
            case POSTCOPY_LISTEN -> "POSTCOPY_LISTEN, turn off postcopy-ram";
            case POSTCOPY_RUN -> "POSTCOPY_RUN, turn off postcopy-ram";
            case POSTCOPY_RAM_DISCARD -> "POSTCOPY_RAM_DISCARD, turn off postcopy-ram";
            case PACKAGED -> "PACKAGED, turn off postcopy-ram";
            case ENABLE_COLO -> "ENABLE_COLO, turn off x-colo";
            case POSTCOPY_RESUME -> "POSTCOPY_RESUME, turn off postcopy-ram";
            case RECV_BITMAP -> "RECV_BITMAP, turn off postcopy-ram";
            case SWITCHOVER_START -> "SWITCHOVER_START";
            default -> "unknown";
        };
    }
}
