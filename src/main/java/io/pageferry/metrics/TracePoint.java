package io.pageferry.metrics;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Registered;
import jdk.jfr.StackTrace;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A place in the life of a migration that can be watched: an event of Flight Recorder, and a line of the log at trace
 * level in the words of QEMU's trace point. Belongs to one thread at a time.
 *
 * <p>One object may be emitted again and again, and those of packets are. So an event that lasts is always begun and
 * ended, and one that does not is never begun: it would have the times of the last one.
 */
@Category("Pageferry")
@StackTrace(false)
@Registered(false) // EventRegistration does it
abstract class TracePoint extends Event {
    static final String LOGGER = "io.pageferry.trace";
    private static final Logger LOG = LoggerFactory.getLogger(LOGGER);

    @Label("Migration")
    @Description("Counts the migrations of this process, from 1")
    long migration;

    TracePoint(long migration) {
        this.migration = migration;
    }

    /** What the log says. */
    abstract String line();

    /** All fields are set, and the end is, where it lasts. */
    final void emit() {
        commit();
        if (LOG.isTraceEnabled()) {
            LOG.trace("migration {} {}", migration, line());
        }
    }

    /** A point of one channel. */
    abstract static class OfChannel extends TracePoint {
        @Label("Channel")
        int channel;

        OfChannel(long migration, int channel) {
            super(migration);
            this.channel = channel;
        }

        @Override
        final String line() {
            return point() + " channel " + channel + values();
        }

        abstract String point();

        String values() {
            return "";
        }
    }

    /**
     * A packet of a channel, with what its header says. There are thousands a second, so they are recorded only where
     * that is asked for.
     */
    @Enabled(false)
    abstract static class OfPacket extends OfChannel {
        @Label("Number")
        long packetNum;

        @Label("Flags")
        @Description("1 SYNC, 0x3e compression, 0x40 device state")
        int flags;

        @Label("Normal Pages")
        int normalPages;

        @Label("Zero Pages")
        int zeroPages;

        @Label("Page Data")
        @DataAmount
        int nextPacketSize;

        OfPacket(long migration, int channel) {
            super(migration, channel);
        }

        void set(long packetNum, int flags, int normalPages, int zeroPages, int nextPacketSize) {
            this.packetNum = packetNum;
            this.flags = flags;
            this.normalPages = normalPages;
            this.zeroPages = zeroPages;
            this.nextPacketSize = nextPacketSize;
        }

        @Override
        final String values() {
            return " packet_num " + packetNum + " flags 0x" + Integer.toHexString(flags) + " normal pages "
                    + normalPages + " zero pages " + zeroPages + " next packet size " + nextPacketSize;
        }
    }
}
