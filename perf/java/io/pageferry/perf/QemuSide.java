package io.pageferry.perf;

import io.pageferry.qemu.Qemu;
import io.pageferry.qemu.QemuVersion;
import io.pageferry.qemu.RandomGuest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/** Real QEMUs to compare with: version 10.0, anonymous RAM, a guest whose RAM is random and which stands still. */
final class QemuSide {
    static final String ANY_PORT = "tcp:127.0.0.1:0";

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
