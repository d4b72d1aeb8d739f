package io.pageferry.cli;

import io.pageferry.config.ConfigException;
import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.control.http.HttpEndpoint;
import io.pageferry.control.http.HttpView;
import io.pageferry.control.qmp.QmpServers;
import io.pageferry.control.qmp.QmpSettings;
import io.pageferry.net.NetException;
import io.pageferry.server.Server;
import io.pageferry.server.ServerSettings;
import io.pageferry.server.ServersStore;
import io.pageferry.server.StoreHost;
import io.pageferry.session.registry.Migrations;
import io.pageferry.store.ImageStore;
import io.pageferry.store.StoreException;
import io.pageferry.supervision.Faults;
import io.pageferry.supervision.Faults.Place;
import io.pageferry.supervision.UncaughtFaults;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Model.OptionSpec;

/** {@code serve}: takes in any number of guests, until it is told to end. */
final class ServeCommand extends ReportingCommand {
    private static final Logger LOG = LoggerFactory.getLogger(ServeCommand.class);

    private final Value<List<String>> listen;
    private final Value<Boolean> listenInherited;
    private final QmpOptions qmpOptions;
    private final HttpOptions httpOptions;
    private final Value<Path> store;
    private final MigrationOptions options;
    private final IntakeOptions intake;
    private final ServerLimits limits;
    private final ImageAccessOptions imageAccess;
    private final Value<Duration> drainTimeout;

    ServeCommand() {
        super(
                "serve",
                "Takes in any number of guests at once and stores each as an image, by guest and time.",
                "",
                "Guests that come at the same time from one host need validate-uuid in their sources, and a uuid"
                        + " each, so that their connections can be told apart.",
                "",
                "SIGTERM or Ctrl-C lets no more guests in and waits for those that are here; a second one cuts them"
                        + " off. SIGHUP reads the files of TLS again, those of QMP and HTTP too, and HTTP's token,"
                        + " and looks for images that other commands have brought and removed.",
                "");
        listen = model.add(
                Value.ofList(String.class),
                OptionSpec.builder("--listen")
                        .paramLabel("URI")
                        .description("Where guests arrive: tcp:HOST:PORT[,to=PORT][,ipv4=on|off][,ipv6=on|off] (port"
                                + " 0: any free one; [HOST] for IPv6) or unix:PATH. May be given again."));
        listenInherited = model.add(
                Value.flag(),
                OptionSpec.builder("--listen-inherited")
                        .description("Let guests arrive, too, at the socket that systemd passes on, as LISTEN_FDS or"
                                + " as standard input."));
        qmpOptions = new QmpOptions(model);
        httpOptions = new HttpOptions(model);
        store = model.add(
                Value.of(Path.class),
                OptionSpec.builder("--store")
                        .paramLabel("DIR")
                        .required(true)
                        .description("The folder that the images are kept in."));
        model.add(
                Value.of(Path.class),
                OptionSpec.builder(ServeConfig.OPTION)
                        .paramLabel("FILE")
                        .description("Read options from a file, a JSON object: {\"listen\": [\"tcp:[::]:4444\"],"
                                + " \"keep\": 3}. What the command line has goes first. Without it, and without"
                                + " --store, /etc/pageferry/serve.json is read, where there is one."));
        options = new MigrationOptions(model);
        intake = new IntakeOptions(model);
        limits = new ServerLimits(model);
        imageAccess = new ImageAccessOptions(model);
        drainTimeout = model.add(
                Value.of(Duration.class),
                OptionSpec.builder("--drain-timeout")
                        .paramLabel("DURATION")
                        .defaultValue("60s")
                        .converters(new MigrationOptions.DurationConverter())
                        .description("How long guests that are here may take when the server is told to end (default:"
                                + " ${DEFAULT-VALUE})."));
    }

    /** What the rest of the end may take when guests are gone. */
    private static final Duration END_ALLOWANCE = Duration.ofSeconds(30);

    /** What a signal asks for. */
    private enum Request {
        RELOAD,
        END
    }

    private final BlockingQueue<Request> requests = new LinkedBlockingQueue<>();

    @Override
    Ending run() throws IOException, InterruptedException {
        UncaughtFaults.install();
        List<MigrationUri> uris = listen.get().stream().map(MigrationUri::parse).toList();
        MigrationParameters.Builder parameters = options.parameters();
        uris.forEach(uri -> intake.addTo(parameters, uri));
        ServerSettings settings = limits.settings(uris, listenInherited.get(), parameters);
        QmpSettings qmp = qmpOptions.settings();
        try (ImageStore images = limits.open(store.get(), imageAccess.access());
                Migrations migrations = limits.migrations();
                Server server = Server.start(settings, images, migrations, limits.refusals(store.get()));
                QmpServers monitors = QmpServers.start(qmp, host(server, settings));
                HttpEndpoint http = httpOptions.start(new HttpView(
                        migrations,
                        host(server, settings).images(),
                        new ServersStore(images),
                        server.refusalCounters(),
                        server.refusalHistory()))) {
            handleSignals();
            server.uris().forEach(uri -> Stderr.announce("listening on " + uri));
            monitors.uris().forEach(uri -> Stderr.announce("QMP on " + uri));
            if (http != null) {
                Stderr.announce("HTTP on " + http.uri());
            }
            try (Watchdog _ = Watchdog.start(() -> requireAlive(server))) {
                SystemdNotify.ready();
                return serve(server, monitors, http);
            }
        }
    }

    /** Takes the locks that everybody needs. */
    private static void requireAlive(Server server) {
        server.migrations().running();
        server.store().list();
        server.waitingConnections();
    }

    private static StoreHost host(Server server, ServerSettings settings) {
        return new StoreHost(server, settings.parameters());
    }

    private void handleSignals() {
        Thread serving = Thread.currentThread();
        AtomicBoolean ending = new AtomicBoolean();
        for (String signal : List.of("TERM", "INT")) {
            Signals.handle(signal, () -> {
                if (ending.compareAndSet(false, true)) {
                    requests.add(Request.END);
                } else {
                    serving.interrupt();
                }
            });
        }
        Signals.handle("HUP", () -> requests.add(Request.RELOAD));
    }

    private void reload(Server server, QmpServers monitors, HttpEndpoint http) {
        boolean migrations = reload("migrations", server::reload);
        boolean qmp = reload("QMP", monitors::reloadTls);
        boolean web = reload("HTTP", () -> httpOptions.reload(http));
        if (migrations && qmp && web) {
            LOG.info("credentials read again");
        }
        Faults.contain(Place.SIGNAL, "store", () -> {
            try {
                server.store().refresh();
            } catch (StoreException e) {
                LOG.warn("{}", e.getMessage());
            }
        });
    }

    /** Each by itself: whom QMP shall not obey any more must not depend on the files of another port. */
    private static boolean reload(String what, Reload reload) {
        AtomicBoolean done = new AtomicBoolean();
        Faults.contain(Place.SIGNAL, "reload", () -> {
            try {
                reload.run();
                done.set(true);
            } catch (NetException | ConfigException e) {
                LOG.warn("credentials must be usable, those before stay in use: {} of={}", e.getMessage(), what);
            }
        });
        return done.get();
    }

    /** Reads credentials again. */
    @FunctionalInterface
    private interface Reload {
        void run() throws NetException;
    }

    private Ending serve(Server server, QmpServers monitors, HttpEndpoint http) throws InterruptedException {
        while (requests.take() == Request.RELOAD) {
            SystemdNotify.reloading();
            reload(server, monitors, http);
            SystemdNotify.ready();
        }
        SystemdNotify.stopping(drainTimeout.get().plus(END_ALLOWANCE));
        LOG.info(
                "server ends: running={} drain-timeout={}s",
                server.migrations().running(),
                drainTimeout.get().toSeconds());
        boolean drained = server.drain(drainTimeout.get());
        if (!drained) {
            LOG.warn(
                    "migrations must end within drain-timeout: running={}",
                    server.migrations().running());
        }
        return Ending.completed(Json.object().put("status", "completed").put("drained", drained), List.of());
    }
}
