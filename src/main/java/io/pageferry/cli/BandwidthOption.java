package io.pageferry.cli;

import picocli.CommandLine.Option;

/** The option of commands that send one guest. */
final class BandwidthOption {
    @Option(
            names = "--max-bandwidth",
            paramLabel = "SIZE",
            defaultValue = "0",
            converter = MigrationOptions.SizeConverter.class,
            description = "The most to send, in bytes a second; 0: no limit (default).")
    private long maxBandwidth;

    long bytesPerSecond() {
        return maxBandwidth;
    }
}
