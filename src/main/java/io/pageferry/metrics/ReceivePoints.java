package io.pageferry.metrics;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;

/** The trace points of a migration that comes in. */
final class ReceivePoints {
    private ReceivePoints() {}

    @Name("io.pageferry.RecvNewChannel")
    @Label("Channel Arrived")
    @Category({"Pageferry", "Receive"})
    static final class RecvNewChannel extends TracePoint.OfChannel {
        @Label("Peer")
        final String peer;

        RecvNewChannel(long migration, int channel, String peer) {
            super(migration, channel);
            this.peer = peer;
        }

        @Override
        String point() {
            return "multifd_recv_new_channel";
        }

        @Override
        String values() {
            return " peer=" + peer;
        }
    }

    @Name("io.pageferry.RecvThreadStart")
    @Label("Receive Thread Started")
    @Category({"Pageferry", "Receive"})
    static final class RecvThreadStart extends TracePoint.OfChannel {
        RecvThreadStart(long migration, int channel) {
            super(migration, channel);
        }

        @Override
        String point() {
            return "multifd_recv_thread_start";
        }
    }

    @Name("io.pageferry.RecvThreadEnd")
    @Label("Receive Thread Ended")
    @Description("Lasts as long as the thread was at work")
    @Category({"Pageferry", "Receive"})
    static final class RecvThreadEnd extends TracePoint.OfChannel {
        @Label("Packets")
        long packets;

        RecvThreadEnd(long migration, int channel) {
            super(migration, channel);
        }

        @Override
        String point() {
            return "multifd_recv_thread_end";
        }

        @Override
        String values() {
            return " packets " + packets;
        }
    }

    @Name("io.pageferry.RecvUnfill")
    @Label("Packet Received")
    @Description("Lasts from a valid packet's being there until its pages are where they belong")
    @Category({"Pageferry", "Receive"})
    static final class RecvUnfill extends TracePoint.OfPacket {
        RecvUnfill(long migration, int channel) {
            super(migration, channel);
        }

        @Override
        String point() {
            return "multifd_recv_unfill";
        }
    }

    @Name("io.pageferry.RecvSyncMainWait")
    @Label("Sync Awaited")
    @Description("Lasts as long as this channel was waited for, when those before it were there")
    @Category({"Pageferry", "Receive"})
    static final class RecvSyncMainWait extends TracePoint.OfChannel {
        RecvSyncMainWait(long migration) {
            super(migration, 0);
        }

        @Override
        String point() {
            return "multifd_recv_sync_main_wait";
        }
    }

    @Name("io.pageferry.RecvSyncMainSignal")
    @Label("Channel Released")
    @Category({"Pageferry", "Receive"})
    static final class RecvSyncMainSignal extends TracePoint.OfChannel {
        RecvSyncMainSignal(long migration) {
            super(migration, 0);
        }

        @Override
        String point() {
            return "multifd_recv_sync_main_signal";
        }
    }

    @Name("io.pageferry.RecvSyncMain")
    @Label("Sync")
    @Description("Lasts from the main channel's saying so until all channels were there and go on")
    @Category({"Pageferry", "Receive"})
    static final class RecvSyncMain extends TracePoint {
        @Label("Number")
        @Description("Of the latest packet")
        long packetNum;

        RecvSyncMain(long migration) {
            super(migration);
        }

        @Override
        String line() {
            return "multifd_recv_sync_main packet num " + packetNum;
        }
    }

    @Name("io.pageferry.RecvTerminateThreads")
    @Label("Receive Threads Terminated")
    @Category({"Pageferry", "Receive"})
    static final class RecvTerminateThreads extends TracePoint {
        @Label("Error")
        final boolean error;

        RecvTerminateThreads(long migration, boolean error) {
            super(migration);
            this.error = error;
        }

        @Override
        String line() {
            return "multifd_recv_terminate_threads error " + error;
        }
    }
}
