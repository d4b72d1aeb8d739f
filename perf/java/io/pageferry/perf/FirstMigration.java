package io.pageferry.perf;

import io.pageferry.cli.AotCache;
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
 * The first migration of new processes: a QEMU at both ends, or a Pageferry whose code the JIT compiler has not seen
 * yet; and one with a cache as {@code prime} makes it.
 */
@Command(name = "first", description = "The first migration of new processes, without and with the cache of prime.")
final class FirstMigration implements Callable<Integer> {
    private static final long SPARE_BYTES = 640L << 20;

    @Mixin
    private TurnOptions options;

    @Option(names = "--size", defaultValue = "3G", description = "The guest's RAM (default: ${DEFAULT-VALUE}).")
    private String size;

    @Override
    public Integer call() throws Exception {
        RandomGuest guest = new RandomGuest(ByteSize.parse(size));
        Path folder = Files.createTempDirectory("speed");
        Path cache = folder.resolve("pageferry.aot");
        EndpointProcess.prime(cache);
        List<String> primed = AotCache.flagsToUse(cache);
        try (Ballast ballast = new Ballast(guest.memoryBytes() + SPARE_BYTES)) {
            for (int number : options.channels) {
                System.out.printf("%n%d channels, GB/s (CPU s/GB)%n", number);
                Turns measured = new Turns();
                for (int turn = 0; turn < options.turns; turn++) {
                    measured.add("QQ", betweenQemus(number, guest, folder, ballast));
                    measured.add("PP", betweenPageferries(number, List.of(), ballast));
                    measured.add("PP primed", betweenPageferries(number, primed, ballast));
                    System.out.println();
                }
                measured.print("QQ");
            }
        } finally {
            Folders.delete(folder);
        }
        return 0;
    }

    private static Turns.Run betweenQemus(int number, RandomGuest guest, Path folder, Ballast ballast)
            throws Exception {
        try (Qemu source = QemuSide.prepare(QemuSide.source(guest, folder), number);
                Qemu destination = QemuSide.prepare(QemuSide.destination(guest, folder), number)) {
            ballast.hold();
            String uri = destination.migrateIncoming(QemuSide.ANY_PORT);
            CpuTime cpu = CpuTime.of(source.pid(), destination.pid());
            try (BallastRelease _ = BallastRelease.asTakenBy(destination.pid(), ballast)) {
                Rate rate = QemuSide.migrate(source, uri);
                destination.awaitMigration("completed");
                return new Turns.Run(rate, cpu.spentSecondsOfEach());
            }
        }
    }

    private Turns.Run betweenPageferries(int number, List<String> flags, Ballast ballast) throws Exception {
        try (EndpointProcess sender = EndpointProcess.start(MemoryEndpoint.class, flags, size);
                EndpointProcess receiver = EndpointProcess.start(MemoryEndpoint.class, flags)) {
            ballast.hold();
            CpuTime cpu = CpuTime.of(sender.pid(), receiver.pid());
            String uri = receiver.receive(number);
            try (BallastRelease _ = BallastRelease.asTakenBy(receiver.pid(), ballast)) {
                Rate rate = sender.send(number, uri);
                receiver.awaitReceived();
                return new Turns.Run(rate, cpu.spentSecondsOfEach());
            }
        }
    }
}
