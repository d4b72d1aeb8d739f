package io.pageferry.perf;

import io.pageferry.qemu.Qemu;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import picocli.CommandLine.Command;

/** Saves and loads by one command, from when it is typed until it has ended. */
@Command(name = "oneshot", description = "Saving and loading by one command, from its start to its end.")
final class OneShot extends SaveAndLoad {
    private static final int WARM_UP_TURNS = 1;

    OneShot() {
        super(WARM_UP_TURNS);
    }

    @Override
    Map<String, ImageWay> ways(Path folder) throws IOException {
        Path image = folder.resolve("pageferry.img");
        Map<String, ImageWay> ways = new LinkedHashMap<>();
        TimedCommand.ofPageferry().forEach((name, command) -> {
            ways.put(name, new Commands(command, List.of("receive"), image));
            ways.put(name + " direct", new Commands(command, List.of("receive", "--direct-io"), image));
        });
        return ways;
    }

    /** {@code receive} and {@code send}. */
    private record Commands(List<String> command, List<String> saving, Path image) implements ImageWay {
        @Override
        public void remove() throws IOException {
            Files.deleteIfExists(image);
        }

        @Override
        public boolean kept() {
            return Files.exists(image);
        }

        @Override
        public double save(Qemu source) throws IOException, InterruptedException {
            List<String> receiving =
                    Stream.concat(command.stream(), saving.stream()).toList();
            try (TimedCommand receive = TimedCommand.start(receiving, QemuSide.ANY_PORT, image)) {
                source.migrate(receive.awaitListening());
                return receive.awaitEnd();
            }
        }

        @Override
        public Loading load(Qemu destination) throws IOException {
            SaveAndLoad.cache(image);
            String uri = destination.migrateIncoming(QemuSide.ANY_PORT);
            return () -> TimedCommand.seconds(command, "send", image, uri);
        }
    }
}
