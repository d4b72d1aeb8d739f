package io.pageferry.session;

import io.pageferry.codec.ChannelCodecs;
import io.pageferry.codec.CodecException;
import io.pageferry.codec.Codecs;
import io.pageferry.codec.WindowClaim;
import io.pageferry.config.MigrationParameters;
import io.pageferry.memory.MemoryBudget;
import io.pageferry.memory.MemoryBudget.Kind;
import io.pageferry.memory.MemoryException;
import io.pageferry.metrics.MigrationStats;
import io.pageferry.wire.CompressionMethod;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What all migrations have in common: a state, an outcome, and a way to the one from the other. Run once, by one
 * thread.
 */
public abstract class Migration {
    private final MigrationProgress progress;

    /** A multifd channel's work. */
    @FunctionalInterface
    interface ChannelTask {
        Void run(int channel) throws IOException, InterruptedException;
    }

    private final Stopper stopper = new Stopper();
    private final int channels;
    private final MigrationMemory memory;
    private volatile Set<String> holders = Set.of();
    private volatile double holdersPart = 1;

    /** What it has of the process's memory: from its admission on, until it has ended. */
    private final AtomicReference<MemoryBudget.Share> share = new AtomicReference<>();

    protected Migration(int channels) {
        this(channels, MigrationMemory.NOTHING);
    }

    /**
     * Makes one that has not begun.
     *
     * @param memory what it takes before its guest is known
     */
    protected Migration(int channels, MigrationMemory memory) {
        this(channels, memory, new MigrationStats(channels));
    }

    Migration(int channels, MigrationMemory memory, MigrationStats stats) {
        this.channels = channels;
        this.memory = memory;
        progress = new MigrationProgress(stats);
    }

    /** The migration as seen from outside. For any thread. */
    public MigrationProgress progress() {
        return progress;
    }

    /**
     * Ends the migration as soon as it can be: it is {@linkplain MigrationStatus#CANCELLED cancelled}. For any thread,
     * at any time; nothing happens where it has ended already. Interrupting the thread that runs the migration is the
     * same.
     */
    public void cancel() {
        stopper.request(Stopper.Request.CANCEL);
    }

    /**
     * Cuts the migration off: its connections are closed, whatever they wait for, and it has failed. QEMU's
     * {@code yank}. For any thread, at any time; nothing happens where it has ended already.
     */
    public void yank() {
        stopper.request(Stopper.Request.YANK);
    }

    /** Changes {@code max-bandwidth} of one that sends; others have none of their own. For any thread. */
    public void maxBandwidth(long bytesPerSecond) {
        // What comes in is limited by who sends it, and by the host.
    }

    /**
     * Says whose migration it is, before it is started.
     *
     * @param whose its peer's host and identity
     * @param part of the process's memory for migrations that each of them may take with all of theirs
     */
    public final void heldBy(Set<String> whose, double part) {
        holders = Set.copyOf(whose);
        holdersPart = part;
    }

    /**
     * Takes what it needs to begin of a budget, once; it is given back when the migration has run, or is
     * {@linkplain #dismiss dismissed}.
     *
     * @throws MemoryException where that is not left
     */
    public final void admit(MemoryBudget budget) throws MemoryException {
        MemoryBudget.Share opened = budget.open(holders, holdersPart);
        try {
            memory.takeFrom(opened);
        } catch (MemoryException e) {
            opened.close();
            throw e;
        }
        if (!share.compareAndSet(null, opened)) {
            opened.close();
        }
    }

    /** It is not going to run. */
    public final void dismiss() {
        MemoryBudget.Share taken = share.get();
        if (taken != null) {
            taken.close();
        }
    }

    /** For what becomes known on the way. */
    final MemoryBudget.Share share() {
        return share.get();
    }

    /** Runs the migration to its end. When this returns, everything of it is released; the outcome says how it went. */
    public final MigrationOutcome run() {
        stopper.begin();
        try {
            if (share.get() == null) {
                admit(MemoryBudget.ofThisProcess());
            }
            migrate();
            return end(MigrationStatus.COMPLETED, null);
        } catch (InterruptedException | ClosedByInterruptException e) {
            return endInterrupted();
        } catch (IOException | RuntimeException | Error e) {
            // A fault of ours, too, ends one migration and no other; who runs it says so in full.
            return end(MigrationStatus.FAILED, e);
        } finally {
            stopper.end();
            dismiss();
        }
    }

    private MigrationOutcome endInterrupted() {
        // A channel that was closed by it leaves the thread interrupted: the next wait of whoever runs us would fail.
        Thread.interrupted();
        if (stopper.requested() == Stopper.Request.YANK) {
            return end(MigrationStatus.FAILED, new SessionException("migration must be left to go on: yanked=true"));
        }
        progress.become(MigrationStatus.CANCELLING);
        return end(MigrationStatus.CANCELLED, null);
    }

    /** Moves on. */
    protected final void become(MigrationStatus next) {
        progress.become(next);
    }

    /** Does it all, and releases it all. */
    protected abstract void migrate() throws IOException, InterruptedException;

    /**
     * Once {@link #migrate} has ended without success: who has the guest, in words for people, where the other end may
     * say otherwise. Empty where both say that it is still its source's.
     */
    Optional<String> handOver() {
        return Optional.empty();
    }

    /** Puts the codec of {@code multifd-compression} to use. */
    final ChannelCodecs openCodecs(MigrationParameters parameters) throws CodecException {
        return openCodecs(parameters, bytes -> share().take(Kind.NATIVE, bytes, "window of a compressed channel"));
    }

    static ChannelCodecs openCodecs(MigrationParameters parameters, WindowClaim window) throws CodecException {
        CompressionMethod method =
                CompressionMethod.valueOf(parameters.compression().name());
        return new ChannelCodecs(
                Codecs.standard().of(method),
                parameters.compressionLevel(),
                PacketBuffers.newCodecPool(parameters.multifdChannels()),
                window);
    }

    /** Adds a task for each multifd channel. */
    void addChannels(List<Callable<?>> tasks, ChannelTask task) {
        for (int i = 0; i < channels; i++) {
            int channel = i;
            tasks.add(() -> task.run(channel));
        }
    }

    private MigrationOutcome end(MigrationStatus status, Throwable failure) {
        Throwable told = status == MigrationStatus.COMPLETED
                ? null
                : handOver().map(words -> inDoubt(failure, words)).orElse(failure);
        progress.end(status, told);
        return new MigrationOutcome(status, Optional.ofNullable(told), progress);
    }

    /** The failure, in whose one line that is said too; where the migration was cancelled it is all there is to say. */
    private static Throwable inDoubt(Throwable failure, String words) {
        String value = " handed-over=\"" + words + "\"";
        return switch (failure) {
            case null ->
                new SessionException("migration must not be cancelled while it is handed over: cancelled=true" + value);
            case IOException e -> new SessionException(e.getMessage() + value, e);
            case Throwable fault -> {
                fault.addSuppressed(
                        new SessionException("fault must not come while the guest is handed over:" + value));
                yield fault;
            }
        };
    }
}
