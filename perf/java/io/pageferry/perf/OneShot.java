package io.pageferry.perf;

import io.pageferry.config.ByteSize;
import io.pageferry.load.run.Ballast;
import io.pageferry.qemu.Qemu;
import io.pageferry.qemu.RandomGuest;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * A guest with random RAM is saved into an image and loaded from it, by QEMU itself, in both modes of its mapped-ram,
 * and by one command, from when it is typed until it has ended. A save is over when the file is forced to disk, which a
 * QEMU does not do by itself.
 */
@Command(name = "oneshot", description = "Saving and loading by one command, from its start to its end.")
final class OneShot implements Callable<Integer> {
    private static final int CHANNELS = 2;

    /** What an image takes in the page cache beside its pages. */
    private static final long SPARE_BYTES = 1L << 30;

    private static final String DIRECT = "Qdirect";
    private static final String BUFFERED = "Qbuffered";

    @Option(names = "--size", defaultValue = "1G", description = "The guest's RAM (default: ${DEFAULT-VALUE}).")
    private String size;

    @Option(names = "--folder", defaultValue = "target", description = "Where images go (default: ${DEFAULT-VALUE}).")
    private Path on;

    @Option(names = "--turns", defaultValue = "7", description = "Turns that count (default: ${DEFAULT-VALUE}).")
    private int turns;

    private RandomGuest guest;
    private Path folder;
    private Path image;

    @Override
    public Integer call() throws Exception {
        guest = new RandomGuest(ByteSize.parse(size));
        folder = Files.createTempDirectory(on, "speed").toAbsolutePath();
        image = folder.resolve("image");
        Map<String, List<String>> pageferry = TimedCommand.ofPageferry();
        try (Ballast ballast = new Ballast(guest.memoryBytes() + SPARE_BYTES);
                Qemu source = QemuSide.source(guest, folder)) {
            System.out.printf("%nsaving %s, durable, s%n", size);
            Times saved = new Times();
            for (int turn = 0; turn <= turns; turn++) {
                if (turn == 1) {
                    saved.clear();
                }
                saved.add(DIRECT, held(ballast, () -> saveByQemu(source, true)));
                saved.add(BUFFERED, held(ballast, () -> saveByQemu(source, false)));
                for (Map.Entry<String, List<String>> way : pageferry.entrySet()) {
                    saved.add(way.getKey(), held(ballast, () -> save(source, way.getValue())));
                }
                System.out.println();
            }
            saved.print(true, DIRECT, BUFFERED);

            System.out.printf("%nloading %s from the page cache, s%n", size);
            Times loaded = new Times();
            for (int turn = 0; turn <= turns; turn++) {
                if (turn == 1) {
                    loaded.clear();
                }
                loaded.add(DIRECT, loadByQemu(ballast, true));
                loaded.add(BUFFERED, loadByQemu(ballast, false));
                for (Map.Entry<String, List<String>> way : pageferry.entrySet()) {
                    loaded.add(way.getKey(), load(ballast, way.getValue()));
                }
                System.out.println();
            }
            loaded.print(true, DIRECT, BUFFERED);
        } finally {
            Folders.delete(folder);
        }
        return 0;
    }

    private double held(Ballast ballast, Callable<Double> save) throws Exception {
        Files.deleteIfExists(image);
        ballast.hold();
        try (BallastRelease _ = BallastRelease.asPageCacheGrows(ballast)) {
            return save.call();
        }
    }

    private double saveByQemu(Qemu source, boolean direct) throws Exception {
        QemuSide.wake(source);
        QemuSide.prepare(source, CHANNELS)
                .disable("return-path")
                .enable("mapped-ram")
                .set("direct-io", direct);
        long start = System.nanoTime();
        source.migrate("file:" + image);
        source.awaitMigration("completed");
        try (FileChannel channel = FileChannel.open(image, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        return (System.nanoTime() - start) / 1e9;
    }

    private double save(Qemu source, List<String> command) throws Exception {
        QemuSide.wake(source);
        QemuSide.prepare(source, CHANNELS).disable("mapped-ram").set("direct-io", false);
        try (TimedCommand receive = TimedCommand.start(command, "receive", QemuSide.ANY_PORT, image)) {
            source.migrate(receive.awaitListening());
            return receive.awaitEnd();
        }
    }

    private double loadByQemu(Ballast ballast, boolean direct) throws Exception {
        try (Qemu destination = QemuSide.destination(guest, folder)) {
            QemuSide.prepare(destination, CHANNELS)
                    .disable("return-path")
                    .enable("mapped-ram")
                    .set("direct-io", direct);
            ballast.hold();
            try (BallastRelease _ = BallastRelease.asTakenBy(destination.pid(), ballast)) {
                long start = System.nanoTime();
                destination.migrateIncoming("file:" + image);
                destination.awaitMigration("completed");
                return (System.nanoTime() - start) / 1e9;
            }
        }
    }

    private double load(Ballast ballast, List<String> command) throws Exception {
        try (Qemu destination = QemuSide.prepare(QemuSide.destination(guest, folder), CHANNELS)) {
            String uri = destination.migrateIncoming(QemuSide.ANY_PORT);
            ballast.hold();
            try (BallastRelease _ = BallastRelease.asTakenBy(destination.pid(), ballast)) {
                return TimedCommand.seconds(command, "send", image, uri);
            }
        }
    }
}
