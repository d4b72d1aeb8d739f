package io.pageferry.load.run;

import io.pageferry.config.MigrationUri;
import io.pageferry.load.Scenario;
import io.pageferry.load.Setting;
import io.pageferry.load.link.Link;
import io.pageferry.load.target.PageferryTarget;
import io.pageferry.load.target.QemuTarget;
import io.pageferry.load.target.SinkTarget;
import io.pageferry.load.target.Target;
import io.pageferry.load.worker.WorkerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Two ends and what lies between them: a worker that has the guests, one that takes guests in, the link. Scenarios that
 * have the same link share them, turn by turn, so what is compared is compared within the same processes. Belongs to
 * one thread.
 */
final class Testbed implements AutoCloseable {
    private static final AtomicLong OPENED = new AtomicLong();

    private final Link link;
    private final Optional<MigrationUri.Tcp> sink;
    private final Path folder;
    private final Path images;
    private final WorkerProcess source;
    private final WorkerProcess target;
    private Path x509;
    private Path psk;

    private Testbed(
            Link link,
            Optional<MigrationUri.Tcp> sink,
            Path folder,
            Path images,
            WorkerProcess source,
            WorkerProcess target) {
        this.link = link;
        this.sink = sink;
        this.folder = folder;
        this.images = images;
        this.source = source;
        this.target = target;
    }

    /**
     * Makes the link and starts the workers.
     *
     * @param worker the command that {@link WorkerProcess#start} takes
     * @param sink who takes all guests, if not a worker
     * @param folder where a folder may be made for sockets and credentials; a socket's path must be short
     * @param images where images may be put
     */
    static Testbed open(
            Link.Shape shape, List<String> worker, Optional<MigrationUri.Tcp> sink, Path folder, Path images)
            throws IOException, InterruptedException {
        Path own = Files.createDirectory(folder.resolve("" + OPENED.incrementAndGet()));
        Link link = Link.open(shape);
        try {
            WorkerProcess source = WorkerProcess.start(link.sourcePrefix(), worker, own, "source");
            try {
                WorkerProcess target = WorkerProcess.start(link.targetPrefix(), worker, own, "target");
                return new Testbed(link, sink, own, images, source, target);
            } catch (IOException | RuntimeException e) {
                source.close();
                throw e;
            }
        } catch (IOException | RuntimeException e) {
            link.close();
            throw e;
        }
    }

    WorkerProcess source() {
        return source;
    }

    /** The folder with what TLS needs, where a scenario has TLS. Made when first asked for. */
    Optional<Path> credentials(Scenario scenario) throws IOException, InterruptedException {
        return switch (scenario.text(Setting.TLS)) {
            case "x509" -> {
                if (x509 == null) {
                    Path made = Files.createDirectory(folder.resolve("x509"));
                    Credentials.writeX509(made, link.host());
                    x509 = made;
                }
                yield Optional.of(x509);
            }
            case "psk" -> {
                if (psk == null) {
                    Path made = Files.createDirectory(folder.resolve("psk"));
                    Credentials.writePsk(made);
                    psk = made;
                }
                yield Optional.of(psk);
            }
            default -> Optional.empty();
        };
    }

    /**
     * The target of a scenario's next turn.
     *
     * @param qemu the binary, where there is one
     */
    Target target(Scenario scenario, Optional<Path> qemu) throws IOException, InterruptedException {
        if (sink.isPresent()) {
            return new SinkTarget(sink.get(), scenario);
        }
        Optional<Path> credentials = credentials(scenario);
        if (!scenario.is(Setting.TARGET, "qemu")) {
            return new PageferryTarget(target, scenario, link.host(), images, credentials);
        }
        return QemuTarget.start(link.targetPrefix(), qemu.orElseThrow(), scenario, link.host(), folder, credentials);
    }

    @Override
    public void close() throws IOException {
        try (link;
                source;
                target) {
            // In the reverse order: nobody may run in a namespace that is to go.
        }
    }
}
