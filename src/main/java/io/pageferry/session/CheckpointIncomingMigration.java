package io.pageferry.session;

import io.pageferry.checkpoint.Checkpoint;
import io.pageferry.checkpoint.CheckpointFacts;
import io.pageferry.config.MigrationParameters;
import io.pageferry.memory.PageSink;
import io.pageferry.receive.CheckpointReceiver;
import io.pageferry.receive.ReceivedGuest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

/** Takes a guest in that lies in a checkpoint. */
final class CheckpointIncomingMigration extends IncomingMigration {
    private final Checkpoint checkpoint;

    CheckpointIncomingMigration(Checkpoint checkpoint, MigrationParameters parameters, Destination destination) {
        super(parameters, destination, parameters.fileChannels(), MigrationMemory.NOTHING);
        this.checkpoint = checkpoint;
    }

    @Override
    protected void migrate() throws IOException, InterruptedException {
        try (checkpoint) {
            become(MigrationStatus.SETUP);
            CheckpointFacts facts = LearntFacts.of(checkpoint);
            destination.guestIs(facts.guest().or(checkpoint.configuration()::uuid), Optional.empty());
            takeHeap(MigrationMemory.bitmapBytes(checkpoint.layout().totalPages()));
            PageSink sink = destination.open(checkpoint.configuration(), checkpoint.ramSection(), checkpoint.layout());
            CheckpointReceiver receiver = new CheckpointReceiver(
                    checkpoint,
                    sink,
                    destination.deviceStateSink(),
                    parameters.fileChannels(),
                    progress().stats());
            become(MigrationStatus.ACTIVE);
            try (MigrationScope scope =
                    new MigrationScope("incoming", progress().threads())) {
                List<Callable<?>> tasks = new ArrayList<>();
                tasks.add(receiver::runMain);
                addChannels(tasks, receiver::runChannel);
                scope.fork(tasks);
                scope.join();
            }
            destination.complete(new ReceivedGuest(
                    checkpoint.configuration(), checkpoint.ramSection(), checkpoint.deviceState(), facts.dialect()));
        }
    }
}
