package io.pageferry.load.target;

import io.pageferry.load.ChildCommand;
import io.pageferry.load.LoadException;
import io.pageferry.load.Scenario;
import io.pageferry.load.Setting;
import io.pageferry.load.worker.ConnectedProcess;
import io.pageferry.load.worker.JsonConnection;
import java.io.EOFException;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import tools.jackson.databind.JsonNode;

/**
 * A QEMU that waits for one synthetic guest: its machine is {@code none}, which has RAM and nothing else, and never
 * runs. For one thread at a time.
 */
final class IncomingQemu implements Target.Reception {
    /** As {@code setpriv} has it: the QEMU must not outlive us, however we end. */
    private static final List<String> END_WITH_PARENT = List.of("setpriv", "--pdeathsig", "KILL");

    private static final AtomicLong STARTED = new AtomicLong();

    private final Process process;
    private final JsonConnection qmp;
    private final Path log;
    private String uri;

    private IncomingQemu(Process process, JsonConnection qmp, Path log) {
        this.process = process;
        this.qmp = qmp;
        this.log = log;
    }

    static IncomingQemu start(
            List<String> prefix, Path binary, Scenario scenario, String host, Path folder, Optional<Path> credentials)
            throws IOException {
        Path own = Files.createDirectory(folder.resolve("qemu" + STARTED.incrementAndGet()));
        Path monitor = own.resolve("monitor");
        List<String> command = new ArrayList<>(prefix);
        command.addAll(ChildCommand.OWN_SESSION);
        command.addAll(END_WITH_PARENT);
        command.addAll(List.of(binary.toString(), "-machine", "none", "-accel", "tcg", "-nodefaults", "-display"));
        command.addAll(List.of("none", "-S", "-incoming", "defer", "-qmp", "unix:" + monitor));
        command.addAll(List.of("-m", scenario.size(Setting.SIZE) / 1024 + "k"));
        credentials.ifPresent(creds -> command.addAll(List.of("-object", credentialsObject(scenario, creds))));
        Path log = own.resolve("log");
        ConnectedProcess started = null;
        try {
            started = ConnectedProcess.start(
                    command,
                    monitor,
                    builder -> builder.redirectErrorStream(true).redirectOutput(Redirect.to(log.toFile())));
            IncomingQemu qemu = new IncomingQemu(started.process(), started.connection(), log);
            qemu.listen(scenario, host, credentials.isPresent());
            return qemu;
        } catch (IOException e) {
            if (started != null) {
                started.process().destroyForcibly();
                started.connection().close();
            }
            if (e instanceof ClosedByInterruptException) {
                throw e;
            }
            throw new LoadException(
                    "QEMU must start and listen: command=" + String.join(" ", command) + " reason=\"" + reason(e, log)
                            + "\"",
                    e);
        }
    }

    private static String credentialsObject(Scenario scenario, Path folder) {
        return scenario.is(Setting.TLS, "psk")
                ? "tls-creds-psk,id=tls0,endpoint=server,dir=" + folder
                : "tls-creds-x509,id=tls0,endpoint=server,verify-peer=on,dir=" + folder;
    }

    private static String reason(IOException e, Path log) throws IOException {
        String said = Files.readString(log).strip();
        return said.isEmpty() ? String.valueOf(e.getMessage()) : said;
    }

    private void listen(Scenario scenario, String host, boolean tls) throws IOException {
        execute("qmp_capabilities", Map.of());
        execute(
                "migrate-set-capabilities",
                Map.of("capabilities", List.of(on("multifd"), on("return-path"), on("events"))));
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("multifd-channels", scenario.number(Setting.MULTIFD_CHANNELS));
        parameters.put("multifd-compression", scenario.text(Setting.MULTIFD_COMPRESSION));
        if (tls) {
            parameters.put("tls-creds", "tls0");
        }
        execute("migrate-set-parameters", parameters);
        execute("migrate-incoming", Map.of("uri", "tcp:" + host + ":0"));
        JsonNode address =
                execute("query-migrate", Map.of()).path("socket-address").path(0);
        uri = "tcp:" + host + ":" + address.path("port").asString();
    }

    private static Map<String, Object> on(String capability) {
        return Map.of("capability", capability, "state", true);
    }

    private JsonNode execute(String command, Map<String, Object> arguments) throws IOException {
        qmp.write(Map.of("execute", command, "arguments", arguments));
        while (true) {
            JsonNode answer = qmp.read();
            if (answer.has("return")) {
                return answer.get("return");
            }
            if (answer.has("error")) {
                throw new LoadException("QEMU must accept a command: command=" + command + " reason=\""
                        + answer.at("/error/desc").asString() + "\"");
            }
        }
    }

    ProcessHandle handle() {
        return process.toHandle();
    }

    @Override
    public String uri() {
        return uri;
    }

    @Override
    public Optional<String> await() throws IOException {
        try {
            while (true) {
                JsonNode event = qmp.read();
                if (event.path("event").asString("").equals("MIGRATION")) {
                    switch (event.at("/data/status").asString("")) {
                        case "completed" -> {
                            return Optional.empty();
                        }
                        case "failed" -> {
                            return Optional.of("QEMU has not taken the guest in: "
                                    + Files.readString(log).strip());
                        }
                        default -> {}
                    }
                }
            }
        } catch (EOFException e) {
            return Optional.of("QEMU has ended: " + reason(e, log));
        }
    }

    /** Its time is still to be read: the process stays until the turn is over. */
    @Override
    public void close() {}

    void end() throws IOException {
        process.destroyForcibly();
        process.onExit().join();
        qmp.close();
    }
}
