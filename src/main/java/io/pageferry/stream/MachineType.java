package io.pageferry.stream;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A guest's machine type, such as {@code pc-q35-8.2}, and what QEMU makes of its version: a machine type pins the behaviour of the QEMU that it
 * came with, also how the migration stream goes. One without a version behaves as the newest.
 */
public record MachineType(String name) {
    private static final Pattern VERSION = Pattern.compile("-(\\d{1,3})\\.(\\d{1,3})$");

    /** Whether every end of a RAM section is a sync of all channels: up to 8.0 ({@code multifd-flush-after-each-section}). */
    public boolean flushesAfterEachSection() {
        return isAtMost(8, 0);
    }

    /** Whether zero pages go through the main channel: up to 8.2 ({@code zero-page-detection=legacy}). */
    public boolean sendsZeroPagesOnMainChannel() {
        return isAtMost(8, 2);
    }

    /** Whether the source says when it switches over: from 10.0 on ({@code send-switchover-start}). */
    public boolean announcesSwitchover() {
        return !isAtMost(9, 999);
    }

    /** Whether the source says that it ends a channel's TLS session before it closes: from 10.0 on ({@code multifd-clean-tls-termination}). */
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
