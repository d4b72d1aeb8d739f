package io.pageferry.perf;

import io.pageferry.config.ByteSize;
import io.pageferry.load.run.Ballast;
import io.pageferry.qemu.Qemu;
import io.pageferry.qemu.RandomGuest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Random RAM into an image on disk: by QEMU itself, through the page cache or past it, and by a Pageferry that takes it
 * from a QEMU or a Pageferry. A Pageferry forces the image to disk before it says that it has the guest; a QEMU does
 * not, so that is done for it, and counts; so does the moment between, in which the kernel writes, too.
 */
@Command(
        name = "image",
        description = "Into images on disk: QEMU's mapped-ram, and Pageferry's from QEMU and Pageferry.")
final class CompareImages implements Callable<Integer> {
    /** What an image takes in the page cache beside its pages, and more than is ever let go of ahead. */
    private static final long SPARE_BYTES = 1L << 30;

    private static final List<String> WAYS =
            List.of("Qdirect", "Qbuffered", "QPdirect", "QPbuffered", "PPdirect", "PPbuffered");

    @Mixin
    private TurnOptions options;

    @Option(names = "--size", defaultValue = "3G", description = "The guest's RAM (default: ${DEFAULT-VALUE}).")
    private String size;

    @Option(names = "--folder", defaultValue = "target", description = "Where images go (default: ${DEFAULT-VALUE}).")
    private Path on;

    private Path folder;
    private Qemu source;
    private EndpointProcess receiver;
    private EndpointProcess sender;
    private Ballast ballast;

    @Override
    public Integer call() throws Exception {
        RandomGuest guest = new RandomGuest(ByteSize.parse(size));
        folder = Files.createTempDirectory(on, "speed").toAbsolutePath();
        source = QemuSide.source(guest, folder);
        receiver = EndpointProcess.start();
        sender = EndpointProcess.start(size);
        ballast = new Ballast(guest.memoryBytes() + SPARE_BYTES);
        try {
            for (int number : options.channels) {
                compare(number);
            }
        } finally {
            ballast.close();
            sender.close();
            receiver.close();
            source.close();
            Folders.delete(folder);
        }
        return 0;
    }

    private void compare(int number) throws Exception {
        System.out.printf("%n%d channels, GB/s (CPU s/GB)%n", number);
        Turns measured = new Turns();
        for (int turn = 0; turn <= options.turns; turn++) {
            if (turn == 1) {
                measured.clear();
            }
            for (String way : WAYS) {
                Path image = folder.resolve("image");
                ballast.hold();
                try (BallastRelease _ = BallastRelease.asPageCacheGrows(ballast)) {
                    measured.add(way, save(way, number, image));
                }
                Files.delete(image);
            }
            System.out.println();
        }
        measured.print("Qdirect", "Qbuffered");
    }

    private Turns.Run save(String way, int number, Path image) throws Exception {
        String how = way.endsWith("direct") ? "direct" : "image";
        if (!way.contains("P")) {
            return saveByQemu(number, how.equals("direct"), image);
        }
        if (way.startsWith("Q")) {
            QemuSide.wake(source);
            QemuSide.prepare(source, number).disable("mapped-ram").set("direct-io", false);
        }
        long other = way.startsWith("Q") ? source.pid() : sender.pid();
        CpuTime cpu = CpuTime.of(other, receiver.pid());
        String uri = receiver.receive(number, how + " " + image);
        Rate rate = way.startsWith("Q") ? QemuSide.migrate(source, uri) : sender.send(number, uri);
        receiver.awaitReceived();
        return new Turns.Run(rate, cpu.spentSecondsOfEach());
    }

    private Turns.Run saveByQemu(int number, boolean direct, Path image) throws Exception {
        CpuTime cpu = CpuTime.of(source.pid());
        QemuSide.Saved saved = QemuSide.save(source, image, number, direct);
        return new Turns.Run(saved.synced(), cpu.spentSecondsOfEach());
    }
}
