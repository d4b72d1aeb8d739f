package io.pageferry.send.postcopy;

import io.pageferry.memory.RamBlock;
import io.pageferry.send.OutgoingGuest;
import io.pageferry.stream.Command;
import io.pageferry.stream.Configuration;
import io.pageferry.stream.PostcopyCommand;
import io.pageferry.stream.RamFlags;
import io.pageferry.stream.SectionType;
import io.pageferry.stream.StreamOutput;
import io.pageferry.stream.WireProperty;
import java.io.IOException;

/** What the main channel says before its pages. On the main thread, in its turn. */
final class PostcopyScript {
    /** As QEMU numbers its first ones; the last one stands behind device state. */
    static final int FIRST_PING = 1;

    static final int LAST_PING = 3;
    private static final int PING_BEFORE_PACKAGE = 2;

    /** The size of the pages that a destination's RAM is made of. */
    static final int HOST_PAGE_BYTES = 4096;

    private final OutgoingGuest guest;
    private final Configuration configuration;
    private final StreamOutput out;

    PostcopyScript(OutgoingGuest guest, Configuration configuration, StreamOutput out) {
        this.guest = guest;
        this.configuration = configuration;
        this.out = out;
    }

    /** Everything up to the list of RAM blocks. */
    void begin() throws IOException {
        out.u32(SectionType.FILE_MAGIC).u32(SectionType.FILE_VERSION);
        if (configuration.isPresent()) {
            configuration.withMappedRam(false).write(out);
        }
        new Command(Command.OPEN_RETURN_PATH, 0).write(out);
        new Command(Command.PING, FIRST_PING).write(out);
        PostcopyCommand.advise(out, HOST_PAGE_BYTES, guest.pages().layout().pageSizeBytes());
        guest.ram().writeStart(out, SectionType.SECTION_START);
        out.u64(guest.pages().layout().totalBytes() | RamFlags.MEM_SIZE);
        for (RamBlock block : guest.pages().layout().blocks()) {
            out.countedString(block.name()).u64(block.lengthBytes());
        }
        out.u64(RamFlags.EOS);
        if (configuration.isPresent()) {
            guest.ram().writeFooter(out);
        }
        out.flush();
    }

    /** Says that all of RAM is to come, and sends the device state that the guest runs with. */
    void switchOver() throws IOException {
        if (guest.dialect().has(WireProperty.SEND_SWITCHOVER_START)) {
            new Command(Command.SWITCHOVER_START, 0).write(out);
        }
        for (RamBlock block : guest.pages().layout().blocks()) {
            if (block.lengthBytes() > 0) {
                PostcopyCommand.discard(out, block.name(), 0, block.lengthBytes());
            }
        }
        new Command(Command.PING, PING_BEFORE_PACKAGE).write(out);
        PostcopyCommand.packaged(out, guest.deviceState(), LAST_PING);
    }

    /** Asks, after a break, which pages of a block have come. */
    void askReceived(RamBlock block) throws IOException {
        PostcopyCommand.askReceived(out, block.name());
        out.flush();
    }

    /** Says, after a break, that the guest may go on. */
    void resume() throws IOException {
        PostcopyCommand.resume(out);
        out.flush();
    }

    /** The last bytes of the package go: from now on the guest may run. */
    void flush() throws IOException {
        out.flush();
    }
}
