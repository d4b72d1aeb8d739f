package io.pageferry.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The machine's memory as the kernel tells it, in bytes; 0 where it does not. */
public final class MachineMemory {
    private static final Path MEMINFO = Path.of("/proc/meminfo");

    private MachineMemory() {}

    public static long totalBytes() {
        return bytes("MemTotal:");
    }

    /** Memory that could be had without swapping. */
    public static long availableBytes() {
        return bytes("MemAvailable:");
    }

    /** What the page cache has. */
    public static long pageCacheBytes() {
        return bytes("Cached:");
    }

    private static long bytes(String name) {
        List<String> lines;
        try {
            lines = Files.readAllLines(MEMINFO);
        } catch (IOException e) {
            return 0;
        }
        return lines.stream()
                .filter(line -> line.startsWith(name))
                .mapToLong(line -> Long.parseLong(line.split("\\s+")[1]) * 1024)
                .findFirst()
                .orElse(0);
    }
}
