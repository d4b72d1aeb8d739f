package io.pageferry.metrics;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Tells what happens to a migration as a whole, at QEMU's trace points and at rounds and changes of state. Syncs and
 * rounds are for the migration's main thread; the rest is for one thread at a time.
 */
public final class MigrationTrace {
    private static final AtomicLong MIGRATIONS = new AtomicLong();

    static {
        EventRegistration.awaitRecorder();
    }

    private final long migration = MIGRATIONS.incrementAndGet();

    private final SendPoints.SendSyncMain sendSync = new SendPoints.SendSyncMain(migration);
    private final SendPoints.SendSyncMainSignal sendSyncSignal = new SendPoints.SendSyncMainSignal(migration);
    private final SendPoints.SendSyncMainWait sendSyncWait = new SendPoints.SendSyncMainWait(migration);
    private final ReceivePoints.RecvSyncMain recvSync = new ReceivePoints.RecvSyncMain(migration);
    private final ReceivePoints.RecvSyncMainWait recvSyncWait = new ReceivePoints.RecvSyncMainWait(migration);
    private final ReceivePoints.RecvSyncMainSignal recvSyncSignal = new ReceivePoints.RecvSyncMainSignal(migration);
    private final MigrationPoints.Round round = new MigrationPoints.Round(migration);
    private MigrationPoints.MigrationState state;

    /** The migration's number in this process, from 1: what its events have in common. */
    public long migration() {
        return migration;
    }

    /** A new migration has a state, or an old one another. */
    void state(String name, boolean isFinal) {
        if (state != null) {
            state.next = name;
            state.end();
            state.emit();
        }
        state = new MigrationPoints.MigrationState(migration, name);
        if (isFinal) {
            state.emit();
        } else {
            state.begin();
        }
    }

    void beginRound() {
        round.begin();
    }

    void endRound(long number, long pages, long transferredBytes) {
        round.round = number;
        round.pages = pages;
        round.transferredBytes = transferredBytes;
        round.end();
        round.emit();
    }

    /** All channels are going to be asked for a sync. */
    public void beginSendSync() {
        sendSync.begin();
    }

    /** One was: {@code multifd_send_sync_main_signal}. */
    public void sendSyncMainSignal(int channel) {
        sendSyncSignal.channel = channel;
        sendSyncSignal.emit();
    }

    /** One is going to be waited for. */
    public void beginSendSyncWait() {
        sendSyncWait.begin();
    }

    /** It has answered: {@code multifd_send_sync_main_wait}. */
    public void sendSyncMainWait(int channel) {
        sendSyncWait.channel = channel;
        sendSyncWait.end();
        sendSyncWait.emit();
    }

    /** All have: {@code multifd_send_sync_main}. */
    public void sendSyncMain(long packetNum) {
        sendSync.packetNum = packetNum;
        sendSync.end();
        sendSync.emit();
    }

    /** {@code multifd_send_terminate_threads}. */
    public void sendTerminateThreads() {
        new SendPoints.SendTerminateThreads(migration).emit();
    }

    /** All channels are going to be waited for at a sync. */
    public void beginRecvSync() {
        recvSync.begin();
    }

    /** One is going to be. */
    public void beginRecvSyncWait() {
        recvSyncWait.begin();
    }

    /** It is there: {@code multifd_recv_sync_main_wait}. */
    public void recvSyncMainWait(int channel) {
        recvSyncWait.channel = channel;
        recvSyncWait.end();
        recvSyncWait.emit();
    }

    /** It may go on: {@code multifd_recv_sync_main_signal}. */
    public void recvSyncMainSignal(int channel) {
        recvSyncSignal.channel = channel;
        recvSyncSignal.emit();
    }

    /** All may: {@code multifd_recv_sync_main}. */
    public void recvSyncMain(long packetNum) {
        recvSync.packetNum = packetNum;
        recvSync.end();
        recvSync.emit();
    }

    /** {@code multifd_recv_terminate_threads}. */
    public void recvTerminateThreads(boolean error) {
        new ReceivePoints.RecvTerminateThreads(migration, error).emit();
    }
}
