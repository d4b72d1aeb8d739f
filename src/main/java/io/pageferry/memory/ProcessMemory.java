package io.pageferry.memory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * How much memory this process has. Read from where it costs nothing: the JDK's beans load some hundred classes, just
 * when the first guest comes.
 */
final class ProcessMemory {
    /**
     * The rest is the process's own: classes, the store's list of images, connections that are not yet a migration's,
     * answers to those who watch.
     */
    private static final double SHARE = 0.75;

    /** Of a machine that the heap has nearly all of: more than nothing, since the heap is rarely full. */
    private static final int LEAST_NATIVE_PART = 8;

    private ProcessMemory() {}

    static MemoryBudget budget() {
        long heap = Runtime.getRuntime().maxMemory();
        long physical = physicalBytes();
        long rest = Math.max(physical / LEAST_NATIVE_PART, (long) (physical * SHARE) - heap);
        return new MemoryBudget((long) (heap * SHARE), (long) (directBytes(heap) * SHARE), rest);
    }

    /** By default as much as the heap. Only the JDK's own class knows. */
    private static long directBytes(long heap) {
        try {
            Object bytes = Class.forName("jdk.internal.misc.VM")
                    .getMethod("maxDirectMemory")
                    .invoke(null);
            return bytes instanceof Long most ? most : heap;
        } catch (ReflectiveOperationException | RuntimeException e) {
            return heap;
        }
    }

    /** The machine's memory, or what the process's control group may have of it. */
    private static long physicalBytes() {
        return Math.min(Math.min(machineBytes(), limit("/sys/fs/cgroup/memory.max")), ownGroupBytes());
    }

    private static long machineBytes() {
        for (String line : lines("/proc/meminfo")) {
            if (line.startsWith("MemTotal:")) {
                return parse(line.substring("MemTotal:".length()).replace("kB", "")) << 10;
            }
        }
        return Long.MAX_VALUE >> 10;
    }

    private static long ownGroupBytes() {
        for (String line : lines("/proc/self/cgroup")) {
            if (line.startsWith("0::/")) {
                return limit("/sys/fs/cgroup" + line.substring("0::".length()) + "/memory.max");
            }
        }
        return Long.MAX_VALUE;
    }

    private static long limit(String file) {
        List<String> lines = lines(file);
        return lines.isEmpty() ? Long.MAX_VALUE : parse(lines.getFirst());
    }

    private static List<String> lines(String file) {
        try {
            return Files.readAllLines(Path.of(file));
        } catch (IOException | RuntimeException e) {
            return List.of();
        }
    }

    /** A number; "max", or anything else, is no limit. */
    private static long parse(String text) {
        try {
            return Long.parseLong(text.strip());
        } catch (NumberFormatException e) {
            return Long.MAX_VALUE >> 10;
        }
    }
}
