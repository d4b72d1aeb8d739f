package io.pageferry.qemu;

import io.pageferry.testing.Eventually;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The {@link DirtyingGuest} for {@code virt} of ARM: no firmware, only a loop of twelve instructions put into its RAM.
 */
final class ArmGuest implements Guest {
    /** Where the machine's RAM begins, and where in it the program lies, and what it writes. */
    private static final long RAM = 0x4000_0000L;

    private static final long PROGRAM = RAM + 0x40_0000;
    private static final long FIRST = 0x100_0000;

    /** There is no assembler for ARM on most machines, so here is what one would make of the comments. */
    private static final int[] INSTRUCTIONS = {
        0x52800000, //        mov  w0, #0
        0x11000400, // round: add  w0, w0, #1            its number
        0xd2a82001, //        mov  x1, #0x41000000       the first page
        0xd2a84002, //        mov  x2, #0x42000000       behind the last one
        0x52a02003, //        mov  w3, #0x01000000       where the page is in RAM
        0xb9000020, // page:  str  w0, [x1]
        0xb9000423, //        str  w3, [x1, #4]
        0x91400421, //        add  x1, x1, #4096
        0x11400463, //        add  w3, w3, #4096
        0xeb02003f, //        cmp  x1, x2
        0x54ffff61, //        b.ne page
        0x17fffff6 //         b    round
    };

    private final DirtyingGuest pages = DirtyingGuest.countingFrom(FIRST);

    @Override
    public List<String> arguments(Path folder) throws IOException {
        ByteBuffer program =
                ByteBuffer.allocate(INSTRUCTIONS.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        program.asIntBuffer().put(INSTRUCTIONS);
        Path file = Files.write(folder.resolve("program"), program.array());
        return List.of(
                "-cpu",
                "cortex-a57",
                "-device",
                "loader,file=" + file + ",addr=" + PROGRAM + ",cpu-num=0,force-raw=on");
    }

    @Override
    public void awaitRunning(Qemu qemu) {
        Eventually.until("second round of the guest in " + qemu, () -> pages.round(qemu.ram()) > 2);
    }

    void awaitNextRound(Qemu qemu) {
        pages.awaitNextRound(qemu);
    }

    void requireConsistent(MemorySegment ram) {
        pages.requireConsistent(ram);
    }
}
