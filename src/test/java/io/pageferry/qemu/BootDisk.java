package io.pageferry.qemu;

import io.pageferry.testing.ChildProcess;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Makes disks that boot an assembler source of {@code src/test/resources/guest}, with the machine's {@code as} and
 * {@code ld}.
 */
final class BootDisk {
    private static final int SECTOR_BYTES = 512;

    /** Firmware boots from no disk that is smaller than a cylinder. */
    private static final int DISK_BYTES = 1 << 20;

    private BootDisk() {}

    /**
     * Assembles a boot sector.
     *
     * @param source the resource's name
     * @param symbols what the source wants to be defined
     */
    static Path assemble(String source, Map<String, Long> symbols, Path folder)
            throws IOException, InterruptedException {
        Path text = folder.resolve(source);
        Path object = folder.resolve(source + ".o");
        Path disk = folder.resolve(source + ".disk");
        try (var resource = BootDisk.class.getResourceAsStream("/guest/" + source)) {
            Files.copy(resource, text);
        }
        List<String> as = new ArrayList<>(List.of("as", "--32", "-o", object.toString(), text.toString()));
        symbols.forEach((name, value) -> as.addAll(List.of("--defsym", name + "=0x" + Long.toHexString(value))));
        run("as", folder, as);
        run(
                "ld",
                folder,
                List.of(
                        "ld",
                        "-m",
                        "elf_i386",
                        "-Ttext",
                        "0x7c00",
                        "--oformat",
                        "binary",
                        "-o",
                        disk.toString(),
                        object.toString()));
        if (Files.size(disk) != SECTOR_BYTES) {
            throw new IOException("boot sector must be one sector: source=" + source + " size=" + Files.size(disk));
        }
        try (RandomAccessFile file = new RandomAccessFile(disk.toFile(), "rw")) {
            file.setLength(DISK_BYTES);
        }
        return disk;
    }

    private static void run(String name, Path folder, List<String> command) throws IOException, InterruptedException {
        try (ChildProcess process = ChildProcess.start(name, folder, command)) {
            if (process.awaitExit() != 0) {
                throw new IOException("boot sector must assemble: " + process);
            }
        }
    }
}
