package io.pageferry.qemu;

import io.pageferry.testing.Eventually;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A guest with random RAM ({@code random.S}) that then does nothing: what there is to be moved when speed is measured.
 *
 * @param memoryBytes its RAM, all of it below 4 GiB
 */
public record RandomGuest(long memoryBytes) implements Guest {
    private static final String SOURCE = "random.S";

    /** Firmware sits in the first MiB and in the last one. */
    private static final long OF_FIRMWARE_BYTES = 1L << 20;

    private static final long MAX_BYTES = 3L << 30;

    public RandomGuest {
        if (memoryBytes <= 2 * OF_FIRMWARE_BYTES || memoryBytes > MAX_BYTES) {
            throw new IllegalArgumentException(
                    "guest must have more than 2 MiB and at most 3 GiB: bytes=" + memoryBytes);
        }
    }

    @Override
    public List<String> arguments(Path folder) throws IOException, InterruptedException {
        Path disk = BootDisk.assemble(
                SOURCE, Map.of("FIRST", OF_FIRMWARE_BYTES, "LIMIT", memoryBytes - OF_FIRMWARE_BYTES), folder);
        return List.of("-drive", "file=" + disk + ",format=raw,if=ide");
    }

    @Override
    public void awaitRunning(Qemu qemu) {
        Eventually.until(
                "guest to be filled in " + qemu, () -> qemu.serial().text().contains("filled\n"));
    }
}
