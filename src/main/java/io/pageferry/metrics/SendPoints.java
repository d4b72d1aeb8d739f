package io.pageferry.metrics;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;

/** The trace points of a migration that goes out. */
final class SendPoints {
    private SendPoints() {}

    @Name("io.pageferry.NewSendChannelAsync")
    @Label("Channel Connected")
    @Description("Lasts as long as connecting did")
    @Category({"Pageferry", "Send"})
    static final class NewSendChannelAsync extends TracePoint.OfChannel {
        NewSendChannelAsync(long migration, int channel) {
            super(migration, channel);
        }

        @Override
        String point() {
            return "multifd_new_send_channel_async";
        }
    }

    @Name("io.pageferry.NewSendChannelAsyncError")
    @Label("Channel Not Connected")
    @Category({"Pageferry", "Send"})
    static final class NewSendChannelAsyncError extends TracePoint.OfChannel {
        @Label("Error")
        final String error;

        NewSendChannelAsyncError(long migration, int channel, String error) {
            super(migration, channel);
            this.error = error;
        }

        @Override
        String point() {
            return "multifd_new_send_channel_async_error";
        }

        @Override
        String values() {
            return " err=" + error;
        }
    }

    @Name("io.pageferry.SetOutgoingChannel")
    @Label("Channel Put to Use")
    @Category({"Pageferry", "Send"})
    static final class SetOutgoingChannel extends TracePoint.OfChannel {
        @Label("Peer")
        final String peer;

        SetOutgoingChannel(long migration, int channel, String peer) {
            super(migration, channel);
            this.peer = peer;
        }

        @Override
        String point() {
            return "multifd_set_outgoing_channel";
        }

        @Override
        String values() {
            return " peer=" + peer;
        }
    }

    @Name("io.pageferry.SendThreadStart")
    @Label("Send Thread Started")
    @Category({"Pageferry", "Send"})
    static final class SendThreadStart extends TracePoint.OfChannel {
        SendThreadStart(long migration, int channel) {
            super(migration, channel);
        }

        @Override
        String point() {
            return "multifd_send_thread_start";
        }
    }

    @Name("io.pageferry.SendThreadEnd")
    @Label("Send Thread Ended")
    @Description("Lasts as long as the thread was at work")
    @Category({"Pageferry", "Send"})
    static final class SendThreadEnd extends TracePoint.OfChannel {
        @Label("Packets")
        long packets;

        SendThreadEnd(long migration, int channel) {
            super(migration, channel);
        }

        @Override
        String point() {
            return "multifd_send_thread_end";
        }

        @Override
        String values() {
            return " packets " + packets;
        }
    }

    @Name("io.pageferry.SendError")
    @Label("Send Error")
    @Category({"Pageferry", "Send"})
    static final class SendError extends TracePoint.OfChannel {
        @Label("Error")
        final String error;

        SendError(long migration, int channel, String error) {
            super(migration, channel);
            this.error = error;
        }

        @Override
        String point() {
            return "multifd_send_error";
        }

        @Override
        String values() {
            return " err=" + error;
        }
    }

    @Name("io.pageferry.SendFill")
    @Label("Packet Sent")
    @Description("Lasts from filling the packet until the socket has taken it with its page data")
    @Category({"Pageferry", "Send"})
    static final class SendFill extends TracePoint.OfPacket {
        SendFill(long migration, int channel) {
            super(migration, channel);
        }

        @Override
        String point() {
            return "multifd_send_fill";
        }
    }

    @Name("io.pageferry.SendSyncMainSignal")
    @Label("Sync Asked For")
    @Category({"Pageferry", "Send"})
    static final class SendSyncMainSignal extends TracePoint.OfChannel {
        SendSyncMainSignal(long migration) {
            super(migration, 0);
        }

        @Override
        String point() {
            return "multifd_send_sync_main_signal";
        }
    }

    @Name("io.pageferry.SendSyncMainWait")
    @Label("Sync Awaited")
    @Description("Lasts as long as this channel was waited for, when those before it had answered")
    @Category({"Pageferry", "Send"})
    static final class SendSyncMainWait extends TracePoint.OfChannel {
        SendSyncMainWait(long migration) {
            super(migration, 0);
        }

        @Override
        String point() {
            return "multifd_send_sync_main_wait";
        }
    }

    @Name("io.pageferry.SendSyncMain")
    @Label("Sync")
    @Description("Lasts from asking the channels until all have sent their SYNC")
    @Category({"Pageferry", "Send"})
    static final class SendSyncMain extends TracePoint {
        @Label("Number")
        @Description("Of the latest packet")
        long packetNum;

        SendSyncMain(long migration) {
            super(migration);
        }

        @Override
        String line() {
            return "multifd_send_sync_main packet num " + packetNum;
        }
    }

    @Name("io.pageferry.SendTerminateThreads")
    @Label("Send Threads Terminated")
    @Category({"Pageferry", "Send"})
    static final class SendTerminateThreads extends TracePoint {
        SendTerminateThreads(long migration) {
            super(migration);
        }

        @Override
        String line() {
            return "multifd_send_terminate_threads";
        }
    }
}
