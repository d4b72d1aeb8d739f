package io.pageferry.receive;

import io.pageferry.config.MigrationParameters;
import io.pageferry.stream.ByteSource;
import io.pageferry.stream.Command;
import io.pageferry.stream.Configuration;
import io.pageferry.stream.DeviceState;
import io.pageferry.stream.Dialect;
import io.pageferry.stream.MainStreamReader;
import io.pageferry.stream.RamSectionHandler;
import io.pageferry.stream.RamSectionReader;
import io.pageferry.stream.Section;
import io.pageferry.stream.StreamInput;
import io.pageferry.stream.WireProperty;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;

/**
 * Takes a guest in that lies in a plain stream, or comes out of a pipe: what QEMU writes by {@code migrate
 * exec:cat>FILE}. Nobody is answered. On one thread.
 */
public final class StreamReceiver {
    private final StreamInput in;
    private final GuestOpener opener;
    private final Input input = new Input();

    private Configuration configuration;
    private int pageSizeBytes;
    private GuestRam ram; // null before its section has begun
    private Dialect dialect = Dialect.UNKNOWN;

    /**
     * Makes a receiver.
     *
     * @param source its opener's to close
     * @param opener is told what guest it is
     */
    public StreamReceiver(ByteSource source, SinkOpener opener, ReceiverContext context) {
        this.in = StreamInput.ofPages(source);
        this.opener = new GuestOpener(context, opener, _ -> {});
    }

    /** Reads the stream to its end, where all pages of the guest are committed. */
    public ReceivedGuest receive() throws IOException, InterruptedException {
        try {
            return read();
        } finally {
            input.countBytes(opener.context().stats().mainBytes);
            if (ram != null) {
                ram.close();
            }
        }
    }

    private ReceivedGuest read() throws IOException, InterruptedException {
        MigrationParameters parameters = opener.context().parameters();
        MainStreamReader stream = new MainStreamReader(in);
        configuration = stream.readHeader();
        if (stream.hasConfiguration()) {
            requirePlain();
        }
        pageSizeBytes = configuration.pageSizeBytes(parameters.pageSize());
        opener.guestIs(configuration.uuid(), Optional.empty());
        Section section = stream.readUpToEndOfRam(
                RamSectionReader.ofWire(in, configuration, pageSizeBytes, parameters.maxRam()),
                new Handler(),
                opener.mostBeforeEndOfRam(),
                opener.context().heap());
        DeviceState deviceState = opener.readDeviceState(stream, ram.guest(), false);
        return new ReceivedGuest(configuration, section, deviceState, dialect);
    }

    private void requirePlain() throws ReceiveException {
        for (String capability : configuration.capabilities()) {
            if (!capability.equals(Configuration.IGNORE_SHARED)) {
                throw new ReceiveException("stream must be a plain one, without capabilities that change it:"
                        + " capabilities=" + configuration.capabilities());
            }
        }
    }

    private final class Handler implements MainStreamReader.Handler {
        @Override
        public void command(Command command) {
            if (command.code() == Command.SWITCHOVER_START) {
                dialect = dialect.with(WireProperty.SEND_SWITCHOVER_START, true);
            }
        }

        @Override
        public RamSectionHandler ramBegins(Section section) {
            ram = new PlainRamReceiver(
                    opener.of(configuration, section, pageSizeBytes),
                    input,
                    opener.context().stats());
            return ram;
        }

        @Override
        public boolean mayBeBackgroundSnapshot() {
            return true;
        }
    }

    /** A file, which is late with nothing. */
    private final class Input implements RamInput {
        private long countedBytes;

        @Override
        public StreamInput stream() {
            return in;
        }

        @Override
        public void broughtPage() {}

        @Override
        public void countBytes(LongAdder counter) {
            long now = in.position();
            counter.add(now - countedBytes);
            countedBytes = now;
        }
    }
}
