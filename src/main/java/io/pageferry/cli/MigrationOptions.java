package io.pageferry.cli;

import io.pageferry.config.ByteSize;
import io.pageferry.config.MigrationParameters;
import io.pageferry.config.TimeSpan;
import java.time.Duration;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;

/** Options that every migration has. */
final class MigrationOptions {
    @Option(
            names = "--multifd-channels",
            paramLabel = "N",
            defaultValue = "" + MigrationParameters.DEFAULT_MULTIFD_CHANNELS,
            description =
                    "Multifd channels beside the main one, 1 to 255; as the other end has it (default: ${DEFAULT-VALUE}).")
    private int multifdChannels;

    @Option(
            names = "--stall-timeout",
            paramLabel = "DURATION",
            defaultValue = "30s",
            converter = DurationConverter.class,
            description =
                    "How long a peer may be silent where it should say something, or a channel may fail to come, counted from the"
                            + " first connection on (default: ${DEFAULT-VALUE}).")
    private Duration stallTimeout;

    @Option(
            names = "--max-ram",
            paramLabel = "SIZE",
            defaultValue = "1T",
            converter = SizeConverter.class,
            description = "Refuse a guest larger than this (default: ${DEFAULT-VALUE}).")
    private long maxRam;

    MigrationParameters.Builder parameters() {
        return MigrationParameters.builder()
                .multifdChannels(multifdChannels)
                .stallTimeout(stallTimeout)
                .maxRam(maxRam);
    }

    /** Reads sizes as QEMU writes them. */
    static final class SizeConverter implements ITypeConverter<Long> {
        @Override
        public Long convert(String value) {
            return ByteSize.parse(value);
        }
    }

    /** Reads spans of time. */
    static final class DurationConverter implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String value) {
            return TimeSpan.parse(value);
        }
    }
}
