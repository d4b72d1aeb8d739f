package io.pageferry.qemu;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;

/**
 * The RAM of a QEMU's guest as this process sees it: the memory file behind it, mapped. It stays when the QEMU is gone.
 *
 * <p>A memory file and not a file in a folder: it is written back to no disk while the guest dirties it, and needs no
 * {@code /dev/shm}, which is small in most containers. Other processes reach it through {@code /proc}.
 */
final class GuestRam implements AutoCloseable {
    /**
     * The name of the guest's RAM block, as it is without a backend of its own: so the two kinds migrate to each other.
     */
    static final String BLOCK = "pc.ram";

    private static final String MEMORY_FILE = "/memfd:memory-backend-memfd";

    private final Arena arena = Arena.ofShared();
    private final MemorySegment segment;

    private GuestRam(Path file, long sizeBytes) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            segment = channel.map(MapMode.READ_ONLY, 0, sizeBytes, arena);
        }
    }

    static List<String> arguments(long sizeBytes) {
        return List.of("-object", "memory-backend-memfd,id=" + BLOCK + ",share=on,size=" + sizeBytes);
    }

    /** Maps the RAM of a QEMU that was started with the {@linkplain #arguments arguments} for it. */
    static GuestRam of(long pid, long sizeBytes) throws IOException {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc", Long.toString(pid), "fd"))) {
            for (Path descriptor : descriptors.toList()) {
                if (Files.readSymbolicLink(descriptor).toString().startsWith(MEMORY_FILE)) {
                    return new GuestRam(descriptor, sizeBytes);
                }
            }
        }
        throw new IOException("QEMU must have a memory file: pid=" + pid);
    }

    /** Checks that two guests have the same RAM, all of it. */
    static void requireSame(MemorySegment expected, MemorySegment actual) {
        long mismatch = expected.mismatch(actual);
        if (mismatch >= 0) {
            throw new AssertionError(
                    "RAM must be the same: mismatch=0x" + Long.toHexString(mismatch) + " expectedSize=0x"
                            + Long.toHexString(expected.byteSize()) + " actualSize=0x"
                            + Long.toHexString(actual.byteSize()));
        }
    }

    /** All of it; a running guest changes it at any time. */
    MemorySegment segment() {
        return segment;
    }

    @Override
    public void close() {
        arena.close();
    }
}
