package io.pageferry.perf;

import io.pageferry.qemu.QmpClient;
import io.pageferry.qemu.QmpException;
import io.pageferry.testing.ChildProcess;
import io.pageferry.testing.Eventually;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A {@code serve} as users start it, at a TCP port and at a UNIX socket, with a monitor. Has one image at a time. For
 * one thread.
 */
final class RunningServer implements AutoCloseable {
    private static final String LISTENING = "listening on ";
    private static final String MONITOR = "QMP on ";

    private final ChildProcess process;
    private final Path store;
    private final Path monitor;
    private final List<String> uris;
    private final QmpClient qmp;

    private RunningServer(ChildProcess process, Path store, Path monitor) throws IOException {
        this.process = process;
        this.store = store;
        this.monitor = monitor;
        Eventually.until("server's monitor: " + process, () -> {
            if (!process.isAlive()) {
                throw new IOException("server must run: " + process);
            }
            return process.stderr().lines().stream().anyMatch(line -> line.startsWith(MONITOR));
        });
        uris = process.stderr().lines().stream()
                .filter(line -> line.startsWith(LISTENING))
                .map(line -> line.substring(LISTENING.length()))
                .toList();
        qmp = connect();
    }

    /**
     * Starts one.
     *
     * @param command how Pageferry is started
     * @param folder its own, for all its files
     */
    static RunningServer start(List<String> command, Path folder, int channels) throws IOException {
        Path store = folder.resolve("store");
        Path monitor = folder.resolve("qmp");
        List<String> line = new ArrayList<>(command);
        line.addAll(List.of("serve", "--listen", QemuSide.ANY_PORT, "--listen", "unix:" + folder.resolve("guests")));
        line.addAll(List.of("--store", store.toString(), "--multifd-channels", String.valueOf(channels)));
        line.addAll(List.of("--qmp", "unix:" + monitor));
        ChildProcess process = ChildProcess.start("serve", folder, line);
        try {
            return new RunningServer(process, store, monitor);
        } catch (IOException | RuntimeException | Error e) {
            process.close();
            throw e;
        }
    }

    long pid() {
        return process.pid();
    }

    /** Where it listens, so. */
    String uri(String scheme) {
        return uris.stream()
                .filter(uri -> uri.startsWith(scheme + ":"))
                .findFirst()
                .orElseThrow();
    }

    private QmpClient connect() throws IOException {
        return new QmpClient(SocketChannel.open(UnixDomainSocketAddress.of(monitor)));
    }

    /** The name of its image in the store. */
    Optional<String> image() {
        return qmp.execute("x-query-images")
                .valueStream()
                .map(image -> image.path("image").asString())
                .findFirst();
    }

    Path path(String image) {
        return store.resolve(image);
    }

    /** Removes its image, where it has one, once its source has been told of it. */
    void remove() {
        image().ifPresent(name -> Eventually.await("removal")
                .ignoreException(QmpException.class)
                .until(() -> {
                    qmp.execute("x-remove-image", Map.of("image", name));
                    return true;
                }));
    }

    /**
     * Has an image sent, with a session of its own.
     *
     * @param arrival waits until the destination has it
     * @return how many seconds it took
     */
    double send(String image, String uri, int channels, Runnable arrival) throws IOException {
        try (QmpClient session = connect()) {
            session.execute(
                    "migrate-set-capabilities",
                    Map.of("capabilities", List.of(Map.of("capability", "multifd", "state", true))));
            session.execute(
                    "migrate-set-parameters",
                    Map.of("multifd-channels", channels, "max-bandwidth", 0, "x-image", image));
            long start = System.nanoTime();
            session.execute("migrate", Map.of("uri", uri));
            arrival.run();
            return (System.nanoTime() - start) / 1e9;
        }
    }

    @Override
    public void close() {
        qmp.close();
        process.close();
    }
}
