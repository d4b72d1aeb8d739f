package io.pageferry.perf;

import io.pageferry.qemu.Qemu;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;

/**
 * Saves into a server that runs, until the source has been told that the image is on disk, and loads from it, over TCP
 * and over a UNIX socket, as its monitor is asked to, until the destination has the guest.
 */
@Command(name = "server", description = "Saving into a server that runs, and loading from it.")
final class ThroughServer extends SaveAndLoad {
    /** The JIT compiler needs some GiB each way. */
    private static final int WARM_UP_TURNS = 2;

    ThroughServer() {
        super(WARM_UP_TURNS);
    }

    @Override
    Map<String, ImageWay> ways(Path folder) throws IOException {
        Map<String, ImageWay> ways = new LinkedHashMap<>();
        for (Map.Entry<String, List<String>> way : TimedCommand.ofPageferry().entrySet()) {
            Path own = Files.createDirectory(folder.resolve(way.getKey()));
            RunningServer server = RunningServer.start(way.getValue(), own, CHANNELS);
            for (String scheme : List.of("tcp", "unix")) {
                ways.put(way.getKey() + " " + scheme, new Served(server, scheme, own.resolve("destination")));
            }
        }
        return ways;
    }

    private record Served(RunningServer server, String scheme, Path socket) implements ImageWay {
        @Override
        public void remove() {
            server.remove();
        }

        @Override
        public boolean kept() {
            return server.image().isPresent();
        }

        @Override
        public double save(Qemu source) {
            source.enable("validate-uuid");
            long start = System.nanoTime();
            source.migrate(server.uri(scheme));
            source.awaitMigration("completed");
            return (System.nanoTime() - start) / 1e9;
        }

        @Override
        public Loading load(Qemu destination) throws IOException {
            String image = server.image().orElseThrow();
            SaveAndLoad.cache(server.path(image));
            Files.deleteIfExists(socket);
            String uri = destination.migrateIncoming(scheme.equals("tcp") ? QemuSide.ANY_PORT : "unix:" + socket);
            return () -> server.send(image, uri, CHANNELS, () -> destination.awaitMigration("completed"));
        }

        @Override
        public void close() {
            server.close();
        }
    }
}
