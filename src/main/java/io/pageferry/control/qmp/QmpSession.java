package io.pageferry.control.qmp;

import io.pageferry.control.Audit;
import io.pageferry.net.Connection;
import io.pageferry.supervision.Faults;
import io.pageferry.supervision.Faults.Place;
import io.pageferry.supervision.Threads;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One client's connection, from its greeting to its end. {@link #run} is its reading thread, and makes a writing one.
 */
final class QmpSession implements MessageReader.Handler {
    private static final Logger LOG = LoggerFactory.getLogger(QmpSession.class);

    private static final String NEGOTIATE = "qmp_capabilities";
    private static final String QUIT = "quit";
    private static final String EXECUTE = "execute";
    private static final String OUT_OF_BAND = "exec-oob";
    private static final String OOB = "oob";
    private static final String AWAITED = "QMP command";
    private static final int READ_BYTES = 1 << 14;

    /** Commands that change the session itself. */
    static final List<String> OWN_COMMANDS = List.of(NEGOTIATE, QUIT);

    private final Connection connection;
    private final MigrationHost host;
    private final Duration writeTimeout;
    private final Outbox outbox;
    private final Endpoint endpoint;
    private final Audit audit;
    private final Monitor monitor;
    private boolean negotiated;
    private boolean outOfBand;
    private boolean quit;

    QmpSession(Connection connection, MigrationHost host, Duration writeTimeout) {
        this.connection = connection;
        this.host = host;
        this.writeTimeout = writeTimeout;
        this.outbox = new Outbox(connection, writeTimeout);
        this.endpoint = new Endpoint(host, outbox);
        this.audit = Audit.ofQmp(connection);
        this.monitor = new Monitor(host, endpoint, audit);
    }

    /** Serves the client until it goes, or is closed; the connection is closed then. */
    void run() {
        Thread writer = Thread.ofVirtual().name("qmp-writer").start(this::write);
        try (connection;
                endpoint) {
            try {
                greet();
                readAll();
            } finally {
                outbox.end();
                Threads.joinUnlessInterrupted(writer);
                finish();
            }
        } catch (IOException e) {
            LOG.debug("QMP client is gone: reason=\"{}\"", e.getMessage());
        }
    }

    /** The writing thread. */
    private void write() {
        if (!Faults.contain(Place.QMP, "QMP client", outbox::writeAll)) {
            connection.close(); // the reading thread ends with it
        }
    }

    /** Under TLS the client is told that this is the end; one that does not hear it is not waited for. */
    private void finish() throws IOException {
        try (Deadline _ = Deadline.of(connection, writeTimeout)) {
            connection.finish();
        }
    }

    private void greet() {
        ObjectNode greeting = QmpJson.object();
        ObjectNode qmp = greeting.putObject("QMP");
        qmp.set("version", QmpJson.version());
        qmp.putArray("capabilities").add(OOB);
        outbox.answer(Message.of(greeting));
    }

    private void readAll() throws IOException {
        MessageReader reader = new MessageReader(this);
        ByteBuffer buffer = ByteBuffer.allocate(READ_BYTES);
        ClientProtocol opening = ClientProtocol.BLANK;
        while (!quit && connection.readWhenSaid(buffer, AWAITED) >= 0) {
            buffer.flip();
            if (opening == ClientProtocol.BLANK) {
                opening = ClientProtocol.of(buffer);
                if (opening.isRefused()) {
                    refuse(opening, buffer);
                    return;
                }
            }
            while (!quit && buffer.hasRemaining()) {
                reader.feed(Byte.toUnsignedInt(buffer.get()));
            }
            buffer.clear();
        }
    }

    private void refuse(ClientProtocol opening, ByteBuffer received) {
        String rule = "QMP input must begin with a JSON object";
        outbox.answer(Message.of(QmpJson.error(new QmpException(rule))));
        host.refuse(
                opening.reason(),
                connection.host(),
                "QMP client refused: " + rule + ": peer=" + connection.peer() + " firstBytes=\""
                        + ClientProtocol.show(received) + "\"");
    }

    @Override
    public void fault(QmpException fault) {
        outbox.answer(Message.of(QmpJson.error(fault)));
    }

    @Override
    public void value(JsonNode value) {
        if (quit) {
            return;
        }
        ObjectNode answer = QmpJson.object();
        try {
            switch (obey(value)) {
                case Result.Value result -> answer.set("return", result.json());
                case Result.Elements list -> {
                    outbox.answer(Message.list(list.each(), Optional.ofNullable(value.get("id"))));
                    return;
                }
            }
        } catch (QmpException e) {
            answer = QmpJson.error(e);
        } catch (RuntimeException | Error e) {
            Faults.note(Place.QMP, "QMP client", e);
            answer = QmpJson.error(new QmpException("internal error: " + e));
        }
        if (value.has("id")) {
            answer.set("id", value.get("id"));
        }
        outbox.answer(Message.of(answer));
    }

    private Result obey(JsonNode message) throws QmpException {
        if (!message.isObject()) {
            throw new QmpException("QMP input must be a JSON object");
        }
        String member = commandMember(message);
        String command = message.get(member).stringValue();
        Arguments arguments = Arguments.of(message.has("arguments") ? message.get("arguments") : QmpJson.object());
        if (!negotiated) {
            if (!command.equals(NEGOTIATE)) {
                throw notFound("Expecting capabilities negotiation with 'qmp_capabilities'");
            }
            negotiate(arguments);
            return Result.nothing();
        }
        if (!monitor.has(command) && !OWN_COMMANDS.contains(command)) {
            throw notFound("The command " + command + " has not been found");
        }
        if (member.equals(OUT_OF_BAND) && !monitor.allowsOutOfBand(command)) {
            throw new QmpException("The command " + command + " does not support OOB");
        }
        return switch (command) {
            case NEGOTIATE -> throw alreadyNegotiated(arguments);
            case QUIT -> quit(arguments);
            default -> monitor.run(command, arguments);
        };
    }

    /** Which member has the command; all others must be known. */
    private String commandMember(JsonNode message) throws QmpException {
        Optional<String> command = Optional.empty();
        for (String name : message.propertyNames()) {
            JsonNode value = message.get(name);
            if (name.equals(EXECUTE) || name.equals(OUT_OF_BAND) && outOfBand) {
                if (!value.isString()) {
                    throw new QmpException("QMP input member '" + name + "' must be a string");
                }
                if (command.isPresent()) {
                    throw new QmpException("QMP input member 'execute' clashes with 'exec-oob'");
                }
                command = Optional.of(name);
            } else if (name.equals("arguments")) {
                if (!value.isObject()) {
                    throw new QmpException("QMP input member 'arguments' must be an object");
                }
            } else if (!name.equals("id")) {
                throw new QmpException("QMP input member '" + name + "' is unexpected");
            }
        }
        return command.orElseThrow(() -> new QmpException("QMP input lacks member 'execute'"));
    }

    private void negotiate(Arguments arguments) throws QmpException {
        boolean wanted = readCapabilities(arguments);
        outOfBand = wanted;
        negotiated = true;
    }

    private static QmpException alreadyNegotiated(Arguments arguments) throws QmpException {
        readCapabilities(arguments);
        return notFound("Capabilities negotiation is already complete, command ignored");
    }

    private static boolean readCapabilities(Arguments arguments) throws QmpException {
        boolean wanted = false;
        if (arguments.has("enable")) {
            for (String name : arguments.strings("enable")) {
                Arguments.requireWord("null", name, List.of(OOB)); // a list's element has no name, and this is QEMU's
                wanted = true;
            }
        }
        arguments.end();
        return wanted;
    }

    /** The endpoint ends, with its migration, of which nothing more is told; the process has others. */
    private Result quit(Arguments arguments) throws QmpException {
        arguments.end();
        endpoint.close();
        endpoint.running().ifPresent(entry -> {
            audit.cancelled(entry.id());
            entry.cancel();
        });
        outbox.event(
                QmpJson.event("SHUTDOWN", QmpJson.object().put("guest", false).put("reason", "host-qmp-quit")));
        quit = true;
        return Result.nothing();
    }

    private static QmpException notFound(String description) {
        return new QmpException(QmpException.ErrorClass.COMMAND_NOT_FOUND, description);
    }
}
