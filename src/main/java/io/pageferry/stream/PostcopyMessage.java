package io.pageferry.stream;

import java.io.IOException;

/**
 * What a destination tells the source of a postcopy migration on the return path: QEMU's {@code MIG_RP_MSG_*}, with
 * what there is in precopy, too. What it says of lengths is compared with the least that the message must have; whether
 * there are such pages is for who has the list of blocks.
 */
public sealed interface PostcopyMessage {
    /**
     * It has all, or has failed.
     *
     * @param error 0 where it has all
     */
    record Shut(int error) implements PostcopyMessage {}

    /** It has come by a PING. */
    record Pong(int number) implements PostcopyMessage {}

    /**
     * The guest waits for pages.
     *
     * @param block empty for that of the request before
     * @param start in the block, in bytes
     * @param length in bytes
     */
    record PageRequest(String block, long start, long length) implements PostcopyMessage {}

    /** The answer to a question for a block's received pages: their bitmap follows, outside of the message. */
    record ReceivedPages(String block) implements PostcopyMessage {}

    /** The guest goes on after a break. */
    record Resumed(int value) implements PostcopyMessage {}

    /** Nobody waits for it here. */
    record SwitchoverAck() implements PostcopyMessage {}

    /** What a {@link Resumed} must say. */
    int RESUME_OK = 1;

    /** {@code start u64 | length u32}. */
    int REQUEST_BYTES = Long.BYTES + Integer.BYTES;

    /** A name's length is a byte. */
    int MAX_NAME_BYTES = 255;

    /** Reads a message; one that a postcopy migration does not have is refused. */
    static PostcopyMessage read(StreamInput in) throws IOException {
        int type = in.u16("return path message");
        int length = in.u16("return path message's length");
        return switch (type) {
            case ReturnPathMessage.SHUT -> {
                requireLength(type, length, Integer.BYTES, Integer.BYTES);
                yield new Shut(in.u32("error"));
            }
            case ReturnPathMessage.PONG -> {
                requireLength(type, length, Integer.BYTES, Integer.BYTES);
                yield new Pong(in.u32("number of a PONG"));
            }
            case ReturnPathMessage.REQ_PAGES -> {
                requireLength(type, length, REQUEST_BYTES, REQUEST_BYTES);
                yield request(in, length);
            }
            case ReturnPathMessage.REQ_PAGES_ID -> {
                requireLength(type, length, REQUEST_BYTES + 2, REQUEST_BYTES + 1 + MAX_NAME_BYTES);
                yield request(in, length);
            }
            case ReturnPathMessage.RECV_BITMAP -> {
                requireLength(type, length, 2, 1 + MAX_NAME_BYTES);
                yield new ReceivedPages(name(in, length - 1));
            }
            case ReturnPathMessage.RESUME_ACK -> {
                requireLength(type, length, Integer.BYTES, Integer.BYTES);
                yield new Resumed(in.u32("answer to a resume"));
            }
            case ReturnPathMessage.SWITCHOVER_ACK -> {
                requireLength(type, length, 0, 0);
                yield new SwitchoverAck();
            }
            default ->
                throw new StreamException("return path message must be one of a postcopy migration: type=" + type
                        + " position=" + in.position());
        };
    }

    private static void requireLength(int type, int length, int least, int most) throws StreamException {
        if (length < least || length > most) {
            throw new StreamException("return path message's length must be " + least
                    + (least == most ? "" : " to " + most) + ": type=" + type + " length=" + length);
        }
    }

    private static PageRequest request(StreamInput in, int length) throws IOException {
        long start = in.u64("start of requested pages");
        long bytes = Integer.toUnsignedLong(in.u32("length of requested pages"));
        String block = length == REQUEST_BYTES ? "" : name(in, length - REQUEST_BYTES - 1);
        return new PageRequest(block, start, bytes);
    }

    private static String name(StreamInput in, int length) throws IOException {
        String name = in.countedString("block of a request");
        if (name.length() != length) {
            throw new StreamException("block's name must fill its message: block=" + name + " expected=" + length);
        }
        return name;
    }
}
