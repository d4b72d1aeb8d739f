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
 * Random RAM from memory to memory: between QEMUs, between Pageferries, from one to the other, and by a bare copy.
 * Pageferry's processes stay and have done it before; its destination's memory is fresh, or was another guest's
 * ({@code warm}).
 */
@Command(name = "memory", description = "From memory to memory: QEMU, Pageferry, and a bare copy of the same bytes.")
final class CompareInMemory implements Callable<Integer> {
    /** Beside the guest's memory: what a QEMU that starts takes itself. */
    private static final long SPARE_BYTES = 640L << 20;

    @Mixin
    private TurnOptions options;

    @Option(names = "--warm-up", defaultValue = "4", description = "Turns before (default: ${DEFAULT-VALUE}).")
    private int warmUp;

    @Option(names = "--size", defaultValue = "3G", description = "The guest's RAM (default: ${DEFAULT-VALUE}).")
    private String size;

    @Option(
            names = "--ways",
            split = ",",
            defaultValue = "QQ,QP,PP,bare,QPwarm,PPwarm",
            description = "What is compared, Q for QEMU and P for Pageferry (default: ${DEFAULT-VALUE}).")
    private List<String> ways;

    private RandomGuest guest;
    private Path folder;
    private Ballast ballast;
    private Qemu source;
    private EndpointProcess receiver;
    private EndpointProcess sender;

    @Override
    public Integer call() throws Exception {
        guest = new RandomGuest(ByteSize.parse(size));
        folder = Files.createTempDirectory("speed");
        ballast = new Ballast(guest.memoryBytes() + SPARE_BYTES);
        source = QemuSide.source(guest, folder);
        receiver = EndpointProcess.start();
        sender = EndpointProcess.start(size);
        try {
            for (int number : options.channels) {
                compare(number);
            }
        } finally {
            sender.close();
            receiver.close();
            source.close();
            ballast.close();
            Folders.delete(folder);
        }
        return 0;
    }

    private void compare(int number) throws Exception {
        System.out.printf("%n%d channels, GB/s (CPU s/GB)%n", number);
        Turns measured = new Turns();
        for (int turn = -warmUp; turn < options.turns; turn++) {
            if (turn == 0) {
                measured.clear();
            }
            System.out.printf("%-8s", turn < 0 ? "warm-up" : "turn " + (turn + 1));
            for (String way : ways) {
                measured.add(way, move(way, number));
            }
            System.out.println();
        }
        measured.print(ways.getFirst(), "bare");
    }

    private Turns.Run move(String way, int number) throws Exception {
        boolean warm = way.endsWith("warm");
        if (!warm) {
            receiver.freeWarmMemory();
        } else if (!receiver.isWarm()) {
            measure(way, number); // somebody must have been there before
        }
        return measure(way, number);
    }

    private Turns.Run measure(String way, int number) throws Exception {
        ballast.hold();
        switch (way) {
            case "QQ" -> {
                QemuSide.wake(source);
                QemuSide.prepare(source, number);
                try (Qemu destination = QemuSide.destination(guest, folder)) {
                    String uri = QemuSide.prepare(destination, number).migrateIncoming(QemuSide.ANY_PORT);
                    CpuTime cpu = CpuTime.of(source.pid(), destination.pid());
                    try (BallastRelease _ = BallastRelease.asTakenBy(destination.pid(), ballast)) {
                        Rate rate = QemuSide.migrate(source, uri);
                        destination.awaitMigration("completed");
                        return new Turns.Run(rate, cpu.spentSecondsOfEach());
                    }
                }
            }
            case "QP", "QPwarm" -> {
                QemuSide.wake(source);
                QemuSide.prepare(source, number);
                CpuTime cpu = CpuTime.of(source.pid(), receiver.pid());
                String uri = receiver.receive(number, way.endsWith("warm") ? "warm" : "");
                try (BallastRelease _ = BallastRelease.asTakenBy(receiver.pid(), ballast)) {
                    Rate rate = QemuSide.migrate(source, uri);
                    receiver.awaitReceived();
                    return new Turns.Run(rate, cpu.spentSecondsOfEach());
                }
            }
            case "PP", "PPwarm" -> {
                CpuTime cpu = CpuTime.of(sender.pid(), receiver.pid());
                String uri = receiver.receive(number, way.endsWith("warm") ? "warm" : "");
                try (BallastRelease _ = BallastRelease.asTakenBy(receiver.pid(), ballast)) {
                    Rate rate = sender.send(number, uri);
                    receiver.awaitReceived();
                    return new Turns.Run(rate, cpu.spentSecondsOfEach());
                }
            }
            case "bare" -> {
                CpuTime cpu = CpuTime.of(sender.pid(), receiver.pid());
                String port = receiver.receiveBare(number, guest.memoryBytes());
                try (BallastRelease _ = BallastRelease.asTakenBy(receiver.pid(), ballast)) {
                    Rate rate = sender.sendBare(number, port);
                    receiver.awaitReceived();
                    return new Turns.Run(rate, cpu.spentSecondsOfEach());
                }
            }
            default -> throw new IllegalArgumentException("no such way: " + way);
        }
    }
}
