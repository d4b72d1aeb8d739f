package io.pageferry.stream;

import java.io.IOException;

/**
 * The commands by which a source leads a postcopy migration: QEMU's {@code MIG_CMD_POSTCOPY_*},
 * {@code MIG_CMD_PACKAGED} and {@code MIG_CMD_RECV_BITMAP}.
 *
 * <pre>
 *   POSTCOPY_ADVISE        page sizes                      the destination empties its RAM
 *   POSTCOPY_RAM_DISCARD   block, ranges                   what it has none of yet, or no more
 *   PACKAGED               length, then so many bytes      a stream of its own, read whole before it is obeyed:
 *     POSTCOPY_LISTEN                                      from now on pages may be asked for
 *     sections                                             device state
 *     POSTCOPY_RUN                                         the guest runs
 *
 *   RECV_BITMAP            block                           after a break: which pages have come?
 *   POSTCOPY_RESUME                                        it goes on
 * </pre>
 *
 * <p>Stateless: for any thread.
 */
public final class PostcopyCommand {
    private static final int HEADER_BYTES = Byte.BYTES + 2 * Short.BYTES;
    private static final int PING_BYTES = HEADER_BYTES + Integer.BYTES;
    private static final int ADVICE_BYTES = 2 * Long.BYTES;
    private static final int DISCARD_VERSION = 0;

    private PostcopyCommand() {}

    /**
     * Says that postcopy may follow.
     *
     * @param pageSizes the sizes of pages that RAM blocks are made of at the destination, added up where they differ
     * @param targetPageSize the guest's
     */
    public static void advise(StreamOutput out, long pageSizes, long targetPageSize) throws IOException {
        begin(out, Command.POSTCOPY_ADVISE, ADVICE_BYTES).u64(pageSizes).u64(targetPageSize);
    }

    /** Says that a range of a block, in bytes, is to be fetched. A destination that is told of none waits for ever. */
    public static void discard(StreamOutput out, String block, long start, long length) throws IOException {
        int payload = 3 * Byte.BYTES + block.length() + 2 * Long.BYTES;
        begin(out, Command.POSTCOPY_RAM_DISCARD, payload)
                .u8(DISCARD_VERSION)
                .countedString(block)
                .u8(0)
                .u64(start)
                .u64(length);
    }

    /**
     * Sends device state, and has the guest run.
     *
     * @param loadedPing two PINGs stand behind device state; this is the first one's number. The second one's is
     *     {@link ReturnPathMessage#PONG_PACKAGED_LOADED}
     */
    public static void packaged(StreamOutput out, DeviceState state, int loadedPing) throws IOException {
        long length = HEADER_BYTES + state.sectionsLengthBytes() + 2 * PING_BYTES + HEADER_BYTES;
        if (length > 0xffff_ffffL) {
            throw new StreamException("device state must fit into one package of postcopy: bytes=" + length);
        }
        begin(out, Command.PACKAGED, Integer.BYTES).u32((int) length);
        begin(out, Command.POSTCOPY_LISTEN, 0);
        state.writeSections(out);
        new Command(Command.PING, loadedPing).write(out);
        new Command(Command.PING, ReturnPathMessage.PONG_PACKAGED_LOADED).write(out);
        begin(out, Command.POSTCOPY_RUN, 0);
    }

    /** Asks which pages of a block have come. */
    public static void askReceived(StreamOutput out, String block) throws IOException {
        begin(out, Command.RECV_BITMAP, Byte.BYTES + block.length()).countedString(block);
    }

    /** Says that the migration goes on. */
    public static void resume(StreamOutput out) throws IOException {
        begin(out, Command.POSTCOPY_RESUME, 0);
    }

    private static StreamOutput begin(StreamOutput out, int code, int length) throws IOException {
        return out.u8(SectionType.COMMAND).u16(code).u16(length);
    }
}
