package io.pageferry.qemu;

import io.pageferry.testing.Eventually;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A guest with random RAM ({@code random.S}) that then does nothing: what there is to be moved when speed is measured.
 *
 * @param memoryBytes its RAM
 */
public record RandomGuest(long memoryBytes) implements Guest {
    private static final String SOURCE = "random.S";

    /** Firmware sits in the first MiB and in the last one below 4 GiB. */
    private static final long OF_FIRMWARE_BYTES = 1L << 20;

    /** A {@code pc} with so much has the first 3 GiB of it below 4 GiB, and the rest above; with less, all below. */
    private static final long SPLIT_FROM_BYTES = 0xe000_0000L;

    private static final long SPLIT_BYTES = 3L << 30;
    private static final long LARGE_PAGE_BYTES = 4L << 20;
    private static final long MAX_BYTES = 5L << 30;

    public RandomGuest {
        if (memoryBytes <= 2 * OF_FIRMWARE_BYTES || memoryBytes > MAX_BYTES) {
            throw new IllegalArgumentException(
                    "guest must have more than 2 MiB and at most 5 GiB: bytes=" + memoryBytes);
        }
        if (memoryBytes >= SPLIT_FROM_BYTES && memoryBytes % LARGE_PAGE_BYTES != 0) {
            throw new IllegalArgumentException(
                    "guest of 3.5 GiB and more must have whole pages of 4 MiB: bytes=" + memoryBytes);
        }
    }

    @Override
    public List<String> arguments(Path folder) throws IOException, InterruptedException {
        long low = memoryBytes < SPLIT_FROM_BYTES ? memoryBytes : SPLIT_BYTES;
        Path disk = BootDisk.assemble(
                SOURCE,
                Map.of(
                        "FIRST",
                        OF_FIRMWARE_BYTES,
                        "LIMIT",
                        low - OF_FIRMWARE_BYTES,
                        "HIGH",
                        memoryBytes - low,
                        "TOUCH",
                        0L),
                folder);
        return List.of("-drive", "file=" + disk + ",format=raw,if=ide");
    }

    @Override
    public void awaitRunning(Qemu qemu) {
        Eventually.until(
                "guest to be filled in " + qemu, () -> qemu.serial().text().contains("filled\n"));
    }
}
