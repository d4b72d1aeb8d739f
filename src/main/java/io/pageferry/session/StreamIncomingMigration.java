package io.pageferry.session;

import io.pageferry.codec.ChannelCodecs;
import io.pageferry.config.MigrationParameters;
import io.pageferry.image.StreamSource;
import io.pageferry.net.StallWatch;
import io.pageferry.receive.ReceiveException;
import io.pageferry.receive.ReceivedGuest;
import io.pageferry.receive.ReceiverContext;
import io.pageferry.receive.StreamReceiver;
import io.pageferry.stream.StreamException;
import java.io.IOException;

/** Takes a guest in that lies in a plain stream, on the calling thread alone. */
final class StreamIncomingMigration extends IncomingMigration {
    private final StreamSource source;

    StreamIncomingMigration(StreamSource source, MigrationParameters parameters, Destination destination) {
        super(parameters, destination, 0, MigrationMemory.ofIncoming(parameters));
        this.source = source;
    }

    @Override
    protected void migrate() throws IOException, InterruptedException {
        become(MigrationStatus.SETUP);
        try (source;
                ChannelCodecs codecs = openCodecs(parameters)) {
            ReceiverContext context = new ReceiverContext(
                    parameters,
                    codecs,
                    StallWatch.forIntake(parameters.stallTimeout()),
                    progress().stats(),
                    this::takeHeap);
            become(MigrationStatus.ACTIVE);
            ReceivedGuest guest = new StreamReceiver(source, destination, context).receive();
            destination.complete(guest);
        } catch (StreamException | ReceiveException e) {
            throw new SessionException(e.getMessage() + " stream=" + source, e);
        }
    }
}
