package io.pageferry.metrics;

/**
 * Tells what happens on one multifd channel, at QEMU's trace points. Belongs to the channel's thread.
 *
 * <p>Where nobody watches, telling of a packet is a look at two flags; where somebody does it allocates nothing either.
 */
public final class ChannelTrace {
    private final long migration;
    private final int channel;

    private final SendPoints.NewSendChannelAsync connecting;
    private final SendPoints.SendThreadEnd sending;
    private final SendPoints.SendFill sendFill;
    private final ReceivePoints.RecvThreadEnd receiving;
    private final ReceivePoints.RecvUnfill recvUnfill;

    ChannelTrace(long migration, int channel) {
        this.migration = migration;
        this.channel = channel;
        this.connecting = new SendPoints.NewSendChannelAsync(migration, channel);
        this.sending = new SendPoints.SendThreadEnd(migration, channel);
        this.sendFill = new SendPoints.SendFill(migration, channel);
        this.receiving = new ReceivePoints.RecvThreadEnd(migration, channel);
        this.recvUnfill = new ReceivePoints.RecvUnfill(migration, channel);
    }

    /** The channel is going to be connected. */
    public void connecting() {
        connecting.begin();
    }

    /** It is: {@code multifd_new_send_channel_async}. */
    public void newSendChannelAsync() {
        connecting.end();
        connecting.emit();
    }

    /** It could not be: {@code multifd_new_send_channel_async_error}. */
    public void newSendChannelAsyncError(Exception error) {
        new SendPoints.NewSendChannelAsyncError(migration, channel, describe(error)).emit();
    }

    /** Packets can go: {@code multifd_set_outgoing_channel}. */
    public void setOutgoingChannel(String peer) {
        new SendPoints.SetOutgoingChannel(migration, channel, peer).emit();
    }

    /** {@code multifd_send_thread_start}. */
    public void sendThreadStart() {
        sending.begin();
        new SendPoints.SendThreadStart(migration, channel).emit();
    }

    /** {@code multifd_send_error}. */
    public void sendError(Exception error) {
        new SendPoints.SendError(migration, channel, describe(error)).emit();
    }

    /** {@code multifd_send_thread_end}. */
    public void sendThreadEnd(long packets) {
        sending.packets = packets;
        sending.end();
        sending.emit();
    }

    /** A packet is about to be filled. */
    public void beginSend() {
        sendFill.begin();
    }

    /** It is sent: {@code multifd_send_fill}. */
    public void sendFill(long packetNum, int flags, int normalPages, int zeroPages, int nextPacketSize) {
        sendFill.end();
        sendFill.set(packetNum, flags, normalPages, zeroPages, nextPacketSize);
        sendFill.emit();
    }

    /** The source has connected the channel: {@code multifd_recv_new_channel}. */
    public void recvNewChannel(String peer) {
        new ReceivePoints.RecvNewChannel(migration, channel, peer).emit();
    }

    /** {@code multifd_recv_thread_start}. */
    public void recvThreadStart() {
        receiving.begin();
        new ReceivePoints.RecvThreadStart(migration, channel).emit();
    }

    /** {@code multifd_recv_thread_end}. */
    public void recvThreadEnd(long packets) {
        receiving.packets = packets;
        receiving.end();
        receiving.emit();
    }

    private static String describe(Exception error) {
        return error.getMessage() == null ? error.getClass().getSimpleName() : error.getMessage();
    }

    /** A packet is there and valid. */
    public void beginReceive() {
        recvUnfill.begin();
    }

    /** Its pages are where they belong: {@code multifd_recv_unfill}. */
    public void recvUnfill(long packetNum, int flags, int normalPages, int zeroPages, int nextPacketSize) {
        recvUnfill.end();
        recvUnfill.set(packetNum, flags, normalPages, zeroPages, nextPacketSize);
        recvUnfill.emit();
    }
}
