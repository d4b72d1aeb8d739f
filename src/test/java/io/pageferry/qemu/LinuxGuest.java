package io.pageferry.qemu;

import io.pageferry.testing.ChildProcess;
import io.pageferry.testing.Eventually;
import io.pageferry.testing.TextLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/**
 * A Linux with virtio devices that checks itself: hashes a part of its RAM, and uses each device, again and again, and
 * says so on the serial console ({@code init}). Boots in some seconds.
 */
public final class LinuxGuest implements Guest {
    /** What the guest needs of a QEMU's RAM. */
    public static final long MEMORY_BYTES = 128L << 20;

    private static final int DISK_BYTES = 1 << 20;
    private static final String PASS = "pass ";
    private static final String CONSOLE = "virtio-console";

    @Override
    public List<String> arguments(Path folder) throws IOException, InterruptedException {
        Path disk = folder.resolve("linux.disk");
        byte[] content = new byte[DISK_BYTES];
        new Random(DISK_BYTES).nextBytes(content);
        Files.write(disk, content);

        List<String> arguments = new ArrayList<>(List.of(
                "-kernel",
                QemuInstallation.linux("vmlinuz").toString(),
                "-initrd",
                initramfs(folder).toString(),
                "-append",
                "console=ttyS0 loglevel=1 panic=-1",
                "-smp",
                "2"));
        arguments.addAll(List.of(
                "-drive", "file=" + disk + ",format=raw,if=none,id=disk", "-device", "virtio-blk-pci,drive=disk"));
        // The network ends in QEMU itself, which answers a ping to its own address and lets nothing out.
        arguments.addAll(
                List.of("-netdev", "user,id=net,restrict=on", "-device", "virtio-net-pci,netdev=net,romfile="));
        arguments.addAll(List.of("-device", "virtio-rng-pci"));
        arguments.addAll(List.of(
                "-device", "virtio-serial-pci",
                "-chardev", "file,id=console,path=" + folder.resolve(CONSOLE),
                "-device", "virtconsole,chardev=console"));
        return arguments;
    }

    private static Path initramfs(Path folder) throws IOException, InterruptedException {
        Path root = Files.createDirectory(folder.resolve("initramfs"));
        for (String name : List.of("bin", "lib", "proc", "sys", "dev", "ram")) {
            Files.createDirectory(root.resolve(name));
        }
        Files.copy(QemuInstallation.linux("busybox"), root.resolve("bin/busybox"));
        try (Stream<Path> modules = Files.list(QemuInstallation.linux("modules"))) {
            for (Path module : modules.toList()) {
                Files.copy(module, root.resolve("lib").resolve(module.getFileName()));
            }
        }
        try (var init = LinuxGuest.class.getResourceAsStream("/guest/init")) {
            Files.copy(init, root.resolve("init"));
        }
        root.resolve("init").toFile().setExecutable(true);

        Path archive = folder.resolve("initramfs.cpio");
        String pack = "find . | '" + QemuInstallation.linux("cpio") + "' -o -H newc --quiet -D '" + root + "' > '"
                + archive + "'";
        try (ChildProcess process =
                ChildProcess.start("cpio", folder, List.of("sh", "-c", "cd '" + root + "' && " + pack))) {
            if (process.awaitExit() != 0) {
                throw new IOException("initramfs must be packed: " + process);
            }
        }
        return archive;
    }

    @Override
    public void awaitRunning(Qemu qemu) {
        awaitPass(qemu, 2);
    }

    /**
     * Waits until a QEMU's guest has said that it has done so many passes, on the serial console and on the virtio one.
     */
    public void awaitPass(Qemu qemu, long pass) {
        TextLog console = new TextLog(qemu.folder().resolve(CONSOLE));
        Eventually.until(
                "pass " + pass + " of the guest in " + qemu,
                () -> passes(qemu.serial().text()) >= pass && passes(console.text()) >= pass);
    }

    /** The last pass that a console tells of, 0 where it tells of none. */
    public long passes(String console) {
        return wholeLines(console)
                .filter(line -> line.startsWith(PASS))
                .mapToLong(line -> Long.parseLong(line.split(" ")[1]))
                .max()
                .orElse(0);
    }

    /**
     * Checks what a guest has said, all along its way: every pass follows the one before it, and none has found a
     * fault.
     *
     * @param serial the serial consoles of the QEMUs that the guest was in, one after the other: a line may have begun
     *     in one and ended in the next
     */
    public void requireSound(String serial) {
        long pass = 0;
        for (String line : wholeLines(serial).toList()) {
            pass++;
            if (!line.equals(PASS + pass + " ok")) {
                throw new AssertionError("guest must say that all is well: expected=\"" + PASS + pass + " ok\" line=\""
                        + line + "\" serial=\"" + serial + "\"");
            }
        }
    }

    private static Stream<String> wholeLines(String serial) {
        return serial.substring(0, serial.lastIndexOf('\n') + 1).lines().map(String::strip);
    }
}
