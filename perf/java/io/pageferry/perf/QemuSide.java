package io.pageferry.perf;

import io.pageferry.qemu.Qemu;
import io.pageferry.qemu.QemuVersion;
import io.pageferry.qemu.RandomGuest;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/** Real QEMUs to compare with: version 10.0, anonymous RAM, a guest whose RAM is random and which stands still. */
final class QemuSide {
    static final String ANY_PORT = "tcp:127.0.0.1:0";

    /** The guest's. */
    static final String UUID = "2f9b7b62-58d5-4a55-8f0f-3b1a3f2d9e22";

    /** No limit, in bytes a second. */
    private static final long NO_LIMIT = 100_000_000_000L;

    private QemuSide() {}

    /** Starts one whose guest has filled its RAM. */
    static Qemu source(RandomGuest guest, Path folder) throws IOException, InterruptedException {
        Qemu source = of(guest, folder).start();
        guest.awaitRunning(source);
        source.stop();
        return source;
    }

    /** Starts one that waits for a guest like that. */
    static Qemu destination(RandomGuest guest, Path folder) throws IOException, InterruptedException {
        return of(guest, folder).incoming().start();
    }

    private static Qemu.Builder of(RandomGuest guest, Path folder) {
        return Qemu.of(QemuVersion.V10_0, folder)
                .memory(guest.memoryBytes())
                .anonymousRam()
                .with("-uuid", UUID)
                .guest(guest);
    }

    static Qemu prepare(Qemu qemu, int channels) {
        return qemu.enable("multifd", "return-path")
                .set("multifd-channels", channels)
                .set("max-bandwidth", NO_LIMIT);
    }

    /** The guest has to run for a moment before a QEMU that has migrated it lets it be migrated again. */
    static void wake(Qemu source) {
        source.resume();
        source.stop();
    }

    /**
     * What a save took.
     *
     * @param bytes of RAM that were transferred
     * @param nanos until QEMU said that it was done
     * @param syncedNanos until the file was on disk, too
     */
    record Saved(long bytes, long nanos, long syncedNanos) {
        double seconds() {
            return nanos / 1e9;
        }

        double syncedSeconds() {
            return syncedNanos / 1e9;
        }

        Rate synced() {
            return new Rate(bytes, syncedNanos);
        }
    }

    /** Saves into a file, in the form mapped-ram, and forces it to disk. */
    static Saved save(Qemu source, Path image, int channels, boolean direct) throws IOException {
        wake(source);
        prepare(source, channels).disable("return-path").enable("mapped-ram").set("direct-io", direct);
        long start = System.nanoTime();
        long bytes = migrate(source, "file:" + image).bytes();
        long done = System.nanoTime();
        try (FileChannel channel = FileChannel.open(image, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        return new Saved(bytes, done - start, System.nanoTime() - start);
    }

    /** Migrates, and comes back when the source is done. */
    static Rate migrate(Qemu source, String uri) {
        source.migrate(uri);
        source.awaitMigration("completed");
        JsonNode result = source.queryMigrate();
        return new Rate(
                result.at("/ram/transferred").asLong(),
                TimeUnit.MILLISECONDS.toNanos(result.at("/total-time").asLong()));
    }
}
