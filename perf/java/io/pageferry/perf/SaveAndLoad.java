package io.pageferry.perf;

import io.pageferry.config.ByteSize;
import io.pageferry.load.run.Ballast;
import io.pageferry.qemu.Qemu;
import io.pageferry.qemu.RandomGuest;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Option;

/**
 * A guest with random RAM is saved into an image and loaded from it, by QEMU itself, in both modes of its mapped-ram,
 * and in Pageferry's ways, in turns. A Pageferry says that it has a guest when the image is on disk. A QEMU does not
 * force it there, so its saves are shown twice: as they are, and with {@code sync FILE} after them.
 */
abstract class SaveAndLoad implements Callable<Integer> {
    static final int CHANNELS = 2;

    /** What an image takes in the page cache beside its pages. */
    private static final long SPARE_BYTES = 1L << 30;

    private static final String DIRECT = "Qdirect";
    private static final String BUFFERED = "Qbuffered";
    private static final String AND_SYNC = "+sync";

    @Option(names = "--size", defaultValue = "1G", description = "The guest's RAM (default: ${DEFAULT-VALUE}).")
    private String size;

    @Option(names = "--folder", defaultValue = "target", description = "Where images go (default: ${DEFAULT-VALUE}).")
    private Path on;

    @Option(names = "--turns", defaultValue = "7", description = "Turns that count (default: ${DEFAULT-VALUE}).")
    private int turns;

    private final int warmUpTurns;
    private RandomGuest guest;
    private Path folder;
    private Path image;
    private Ballast ballast;
    private Map<String, ImageWay> ways;

    SaveAndLoad(int warmUpTurns) {
        this.warmUpTurns = warmUpTurns;
    }

    /**
     * Pageferry's ways, by name.
     *
     * @param folder for all files
     */
    abstract Map<String, ImageWay> ways(Path folder) throws IOException;

    @Override
    public final Integer call() throws Exception {
        guest = new RandomGuest(ByteSize.parse(size));
        folder = Files.createTempDirectory(on, "speed").toAbsolutePath();
        image = folder.resolve("qemu.img");
        ballast = new Ballast(guest.memoryBytes() + SPARE_BYTES);
        try (Qemu source = QemuSide.source(guest, folder)) {
            ways = ways(folder);
            try {
                save(source);
                load(source);
            } finally {
                ways.values().forEach(ImageWay::close);
            }
        } finally {
            ballast.close();
            Folders.delete(folder);
        }
        return 0;
    }

    private void save(Qemu source) throws Exception {
        System.out.printf("%nsaving %s, until it is on disk, but for QEMU without sync, s%n", size);
        Times saved = new Times();
        for (int turn = 0; turn < warmUpTurns + turns; turn++) {
            if (turn == warmUpTurns) {
                saved.clear();
            }
            saveByQemu(saved, DIRECT, source, true);
            saveByQemu(saved, BUFFERED, source, false);
            for (Map.Entry<String, ImageWay> way : ways.entrySet()) {
                saved.add(way.getKey(), held(() -> saveBy(way.getValue(), source)));
            }
            System.out.println();
        }
        saved.print(true, DIRECT + AND_SYNC, BUFFERED + AND_SYNC, DIRECT, BUFFERED);
    }

    private void saveByQemu(Times saved, String name, Qemu source, boolean direct) throws Exception {
        QemuSide.Saved took = held(() -> QemuSide.save(source, image, CHANNELS, direct));
        saved.add(name, took.seconds());
        saved.add(name + AND_SYNC, took.syncedSeconds());
    }

    /** With as much warm memory for the page cache as an image needs; there is no other image. */
    private <T> T held(Callable<T> save) throws Exception {
        Files.deleteIfExists(image);
        for (ImageWay way : ways.values()) {
            way.remove();
        }
        ballast.hold();
        try (BallastRelease _ = BallastRelease.asPageCacheGrows(ballast)) {
            return save.call();
        }
    }

    private static double saveBy(ImageWay way, Qemu source) throws Exception {
        QemuSide.wake(source);
        QemuSide.prepare(source, CHANNELS).disable("mapped-ram").set("direct-io", false);
        return way.save(source);
    }

    private void load(Qemu source) throws Exception {
        ballast.release();
        QemuSide.save(source, image, CHANNELS, false);
        for (ImageWay way : ways.values()) {
            if (!way.kept()) {
                saveBy(way, source);
            }
        }
        System.out.printf("%nloading %s from the page cache, s%n", size);
        Times loaded = new Times();
        for (int turn = 0; turn < warmUpTurns + turns; turn++) {
            if (turn == warmUpTurns) {
                loaded.clear();
            }
            loaded.add(DIRECT, loadByQemu(true));
            loaded.add(BUFFERED, loadByQemu(false));
            for (Map.Entry<String, ImageWay> way : ways.entrySet()) {
                loaded.add(way.getKey(), load(way.getValue()));
            }
            System.out.println();
        }
        loaded.print(true, DIRECT, BUFFERED);
    }

    private double loadByQemu(boolean direct) throws Exception {
        cache(image);
        try (Qemu destination = QemuSide.destination(guest, folder)) {
            QemuSide.prepare(destination, CHANNELS)
                    .disable("return-path")
                    .enable("mapped-ram")
                    .set("direct-io", direct);
            return held(destination, () -> {
                long start = System.nanoTime();
                destination.migrateIncoming("file:" + image);
                destination.awaitMigration("completed");
                return (System.nanoTime() - start) / 1e9;
            });
        }
    }

    private double load(ImageWay way) throws Exception {
        try (Qemu destination = QemuSide.prepare(QemuSide.destination(guest, folder), CHANNELS)) {
            ImageWay.Loading loading = way.load(destination);
            return held(destination, loading);
        }
    }

    /** With as much warm memory for the guest. */
    private double held(Qemu destination, ImageWay.Loading loading) throws Exception {
        ballast.hold();
        try (BallastRelease _ = BallastRelease.asTakenBy(destination.pid(), ballast)) {
            return loading.seconds();
        }
    }

    /** Reads an image, which may have been written past the page cache. */
    static void cache(Path image) throws IOException {
        Files.copy(image, OutputStream.nullOutputStream());
    }
}
