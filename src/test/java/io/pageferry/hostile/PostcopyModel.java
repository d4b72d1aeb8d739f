package io.pageferry.hostile;

import io.pageferry.stream.RamFlags;
import io.pageferry.stream.SectionType;
import io.pageferry.stream.StreamInput;
import io.pageferry.testing.StreamBytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A destination of postcopy that is not QEMU: reads what the wire has, on one thread, and says what a test wants, on
 * any other. It knows of no block's pages but what has come.
 */
final class PostcopyModel {
    static final int PAGE = 4096;
    static final int PONG_LOADED = 0x42;

    private static final int SHUT = 1;
    private static final int PONG = 2;
    private static final int REQ_PAGES_ID = 3;
    private static final int REQ_PAGES = 4;
    private static final int RECV_BITMAP = 5;
    private static final int RESUME_ACK = 6;

    /** A page that has come: empty where it is zero. */
    record Page(String block, long offset, byte[] content) {}

    private final SocketChannel connection;
    private final StreamInput in;
    private final Map<String, Long> blocks = new LinkedHashMap<>();
    private final Map<String, Long> discarded = new HashMap<>();
    private int ramSection;
    private String block = "";
    private boolean inSection;

    PostcopyModel(SocketChannel connection) {
        this.connection = connection;
        this.in = new StreamInput((into, _) -> connection.read(into));
    }

    /** The RAM blocks with their lengths. */
    Map<String, Long> blocks() {
        return blocks;
    }

    /** How many bytes of each block are to be fetched. */
    Map<String, Long> discarded() {
        return discarded;
    }

    /** Reads all up to the package, and the package; returns the numbers of the PINGs in it. */
    List<Integer> takePackage() throws IOException {
        require(SectionType.FILE_MAGIC, in.u32("magic"));
        require(SectionType.FILE_VERSION, in.u32("version"));
        List<Integer> commands = new ArrayList<>();
        while (true) {
            int type = in.u8("section type");
            switch (type) {
                case SectionType.CONFIGURATION -> in.skip(in.u32("length"), "machine type");
                case SectionType.SECTION_START -> takeBlocks();
                case SectionType.COMMAND -> {
                    int command = in.u16("command");
                    int length = in.u16("length");
                    commands.add(command);
                    switch (command) {
                        case 6 -> takeDiscard();
                        case 7 -> {
                            // OPEN_RETURN_PATH, PING, ADVISE come before, and a DISCARD or more, and a PING.
                            require("[1, 2, 3]", commands.subList(0, 3).toString());
                            return takePackaged(in.u32("length of package"));
                        }
                        default -> in.skip(length, "command");
                    }
                }
                default -> throw new IOException("unexpected section: type=" + type);
            }
        }
    }

    private void takeBlocks() throws IOException {
        ramSection = in.u32("section id");
        require("ram", in.countedString("idstr"));
        in.skip(2 * Integer.BYTES, "instance, version");
        long total = in.u64("total") & -PAGE;
        while (total > 0) {
            String name = in.countedString("block");
            long length = in.u64("length");
            blocks.put(name, length);
            total -= length;
        }
        require(RamFlags.EOS, (int) in.u64("EOS"));
        takeFooter();
    }

    private void takeDiscard() throws IOException {
        require(0, in.u8("version"));
        String name = in.countedString("block");
        require(0, in.u8("zero"));
        require(0L, in.u64("start"));
        discarded.merge(name, in.u64("length"), Long::sum);
    }

    private List<Integer> takePackaged(int length) throws IOException {
        StreamInput packaged = StreamInput.over(ByteBuffer.wrap(in.bytes(length, "package")));
        List<Integer> pings = new ArrayList<>();
        while (!packaged.isAtEnd("package")) {
            require(SectionType.COMMAND, packaged.u8("section type"));
            int command = packaged.u16("command");
            int bytes = packaged.u16("length");
            if (command == 2) {
                pings.add(packaged.u32("number"));
            } else {
                require(0, bytes);
                pings.add(-command); // LISTEN and RUN, in their places
            }
        }
        return pings;
    }

    /** Reads up to the next page, and answers the PINGs in front of it as QEMU does; null at the end of all. */
    Page takePage() throws IOException {
        while (true) {
            if (!inSection) {
                int type = in.u8("section type");
                if (type == SectionType.EOF) {
                    return null;
                }
                if (type == SectionType.COMMAND) {
                    require(2, in.u16("command"));
                    require(Integer.BYTES, in.u16("length"));
                    say(pong(in.u32("number")));
                    continue;
                }
                if (type != SectionType.SECTION_PART && type != SectionType.SECTION_END) {
                    throw new IOException("unexpected section: type=" + type);
                }
                require(ramSection, in.u32("section id"));
                inSection = true;
            }
            long record = in.u64("record");
            int flags = (int) record & PAGE - 1;
            if (flags == RamFlags.EOS) {
                takeFooter();
                inSection = false;
                continue;
            }
            if ((flags & RamFlags.CONTINUE) == 0) {
                block = in.countedString("block");
            }
            long offset = record & -PAGE;
            if ((flags & RamFlags.ZERO) != 0) {
                require(0, in.u8("zero"));
                return new Page(block, offset, new byte[0]);
            }
            return new Page(block, offset, in.bytes(PAGE, "page"));
        }
    }

    private void takeFooter() throws IOException {
        require(SectionType.SECTION_FOOTER, in.u8("footer"));
        require(ramSection, in.u32("footer's section id"));
    }

    private static void require(Object expected, Object actual) throws IOException {
        if (!expected.equals(actual)) {
            throw new IOException("stream must be as QEMU's: expected=" + expected + " actual=" + actual);
        }
    }

    synchronized void say(StreamBytes bytes) throws IOException {
        Destination.write(connection, bytes.toBytes());
    }

    /** Reads, after a break, the question for a block's received pages; returns the block's name. */
    String takeQuestion() throws IOException {
        require(SectionType.COMMAND, in.u8("section type"));
        require(10, in.u16("command"));
        in.skip(Short.BYTES, "length");
        return in.countedString("block");
    }

    /** Reads, after a break, that it goes on. */
    void takeResume() throws IOException {
        require(SectionType.COMMAND, in.u8("section type"));
        require(9, in.u16("command"));
        require(0, in.u16("length"));
    }

    /** Says which RAM section is meant: after a break nobody says so. */
    void ramSection(int id) {
        ramSection = id;
    }

    /** The answer to a question, with words as they are. */
    static StreamBytes received(String block, long size, long[] words, long end) {
        StreamBytes bytes = new StreamBytes()
                .u16(RECV_BITMAP)
                .u16(1 + block.length())
                .name(block)
                .u64(size);
        for (long word : words) {
            bytes.u64(Long.reverseBytes(word));
        }
        return bytes.u64(end);
    }

    static StreamBytes resumed(int value) {
        return new StreamBytes().u16(RESUME_ACK).u16(4).u32(value);
    }

    static StreamBytes pong(int number) {
        return new StreamBytes().u16(PONG).u16(4).u32(number);
    }

    static StreamBytes shut(int error) {
        return new StreamBytes().u16(SHUT).u16(4).u32(error);
    }

    static StreamBytes request(String block, long start, long length) {
        return new StreamBytes()
                .u16(REQ_PAGES_ID)
                .u16(13 + block.length())
                .u64(start)
                .u32((int) length)
                .name(block);
    }

    static StreamBytes requestOfTheSame(long start, long length) {
        return new StreamBytes().u16(REQ_PAGES).u16(12).u64(start).u32((int) length);
    }
}
