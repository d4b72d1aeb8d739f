package io.pageferry.stream;

import io.pageferry.wire.PacketGeometry;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A guest's machine type, such as {@code pc-q35-8.2}, and what QEMU makes of its version: a machine type pins the
 * behaviour of the QEMU that it came with, also how the migration stream goes. One without a version behaves as the
 * newest.
 */
public record MachineType(String name) {
    /** Machines of SPARC64, Alpha and OpenRISC: their pages are of 8 KiB, which no stream of theirs says. */
    private static final Set<String> OF_8_KIB_PAGES = Set.of("sun4u", "sun4v", "niagara", "clipper", "or1k-sim");

    private static final Pattern VERSION = Pattern.compile("-(\\d{1,3})\\.(\\d{1,3})$");

    /**
     * Whether every end of a RAM section is a sync of all channels: up to 8.0
     * ({@code multifd-flush-after-each-section}).
     */
    public boolean flushesAfterEachSection() {
        return isAtMost(8, 0);
    }

    /** Whether zero pages go through the main channel: up to 8.2 ({@code zero-page-detection=legacy}). */
    public boolean sendsZeroPagesOnMainChannel() {
        return isAtMost(8, 2);
    }

    /**
     * Whether the source says when it switches over: from 10.0 on ({@code send-switchover-start}). One without a
     * version may be that of an older QEMU, which does not know the command, while a newer one can do without.
     */
    public boolean announcesSwitchover() {
        return hasVersion() && !isAtMost(9, 999);
    }

    /**
     * Whether a source with {@code switchover-ack} waits for one answer, whatever its devices, and one without takes it
     * for no fault: from 8.1 to 11.0 ({@code switchover-ack-legacy}). QEMU before 8.1 does not know the answer.
     */
    public boolean awaitsSwitchoverAck() {
        return hasVersion() && !isAtMost(8, 0) && isAtMost(11, 0);
    }

    /** Whether a source counts the answers that its devices ask for, and fails with one too many: from 11.1 on. */
    public boolean countsSwitchoverAcks() {
        return hasVersion() && !isAtMost(11, 0);
    }

    /** The page size of its guests, where the stream does not say: 4 KiB but for a few machines. */
    public int pageSizeBytes() {
        return OF_8_KIB_PAGES.contains(name) ? 8192 : PacketGeometry.DEFAULT_PAGE_SIZE_BYTES;
    }

    /** Whether that is certain: machines whose types have versions have pages of 4 KiB, or say their size. */
    public boolean isPageSizeKnown() {
        return hasVersion() || OF_8_KIB_PAGES.contains(name);
    }

    private boolean hasVersion() {
        return VERSION.matcher(name).find();
    }

    /**
     * Whether the source says that it ends a channel's TLS session before it closes: from 10.0 on
     * ({@code multifd-clean-tls-termination}).
     */
    public boolean terminatesTlsCleanly() {
        return !isAtMost(9, 999);
    }

    private boolean isAtMost(int major, int minor) {
        Matcher version = VERSION.matcher(name);
        if (!version.find()) {
            return false;
        }
        int ownMajor = Integer.parseInt(version.group(1));
        int ownMinor = Integer.parseInt(version.group(2));
        return ownMajor < major || ownMajor == major && ownMinor <= minor;
    }
}
