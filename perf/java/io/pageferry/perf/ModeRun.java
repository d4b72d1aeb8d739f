package io.pageferry.perf;

import java.time.Duration;

/**
 * One migration, as it was measured. Rates and costs are of the guest's RAM, whatever of it went over the wire.
 *
 * @param ramBytes the guest's RAM
 * @param rate the bytes that were transferred, and the source's total time
 */
record ModeRun(long ramBytes, Rate rate, Duration sourceCpu, Duration targetCpu) {
    double gigabytesPerSecond() {
        return (double) ramBytes / rate.nanos();
    }

    double sourceSecondsPerGigabyte() {
        return (double) sourceCpu.toNanos() / ramBytes;
    }

    double targetSecondsPerGigabyte() {
        return (double) targetCpu.toNanos() / ramBytes;
    }

    double compressionRatio() {
        return (double) ramBytes / rate.bytes();
    }
}
