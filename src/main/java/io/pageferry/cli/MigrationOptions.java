package io.pageferry.cli;

import io.pageferry.codec.Codecs;
import io.pageferry.config.ByteSize;
import io.pageferry.config.ConfigException;
import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MultifdCompression;
import io.pageferry.config.TimeSpan;
import java.time.Duration;
import java.util.OptionalLong;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;

/** Options that every migration has. */
final class MigrationOptions {
    @Option(
            names = "--multifd-channels",
            paramLabel = "N",
            defaultValue = "" + MigrationParameters.DEFAULT_MULTIFD_CHANNELS,
            description = "Multifd channels beside the main one, 1 to 255; as the other end has it (default:"
                    + " ${DEFAULT-VALUE}).")
    private int multifdChannels;

    @Option(
            names = "--multifd-compression",
            paramLabel = "none|zlib|zstd|qpl|uadk|qatzip",
            defaultValue = "none",
            converter = CompressionConverter.class,
            description =
                    "What is done to page data on the wire; as the other end has it. qpl, uadk and qatzip are done"
                            + " without their accelerators (default: ${DEFAULT-VALUE}).")
    private MultifdCompression compression;

    @Option(
            names = "--stall-timeout",
            paramLabel = "DURATION",
            defaultValue = "30s",
            converter = DurationConverter.class,
            description = "How long a peer may be silent where it should say something, or a channel may fail to come,"
                    + " counted from the first connection on; a source must also bring pages or device state within"
                    + " twice as long, whatever else it says, unless it pauses before its switchover. A destination"
                    + " that takes bytes, however slowly, is not silent (default: ${DEFAULT-VALUE}).")
    private Duration stallTimeout;

    @Option(
            names = "--max-ram",
            paramLabel = "SIZE",
            defaultValue = "1T",
            converter = SizeConverter.class,
            description = "Refuse a guest larger than this (default: ${DEFAULT-VALUE}).")
    private long maxRam;

    @Option(
            names = "--max-device-state",
            paramLabel = "SIZE",
            converter = SizeConverter.class,
            description = "Refuse more device state than this, be it on the main channel (default: an eighth of the"
                    + " guest's RAM, and 256M at least) or beside RAM (default: 1T).")
    private Long maxDeviceState;

    MigrationParameters.Builder parameters() {
        return MigrationParameters.builder()
                .multifdChannels(multifdChannels)
                .compression(compression)
                .stallTimeout(stallTimeout)
                .maxRam(maxRam)
                .maxDeviceState(maxDeviceState == null ? OptionalLong.empty() : OptionalLong.of(maxDeviceState));
    }

    /** Reads a method of compression that there is a codec for. */
    static final class CompressionConverter implements ITypeConverter<MultifdCompression> {
        @Override
        public MultifdCompression convert(String value) {
            return Codecs.standard().methods().stream()
                    .filter(method -> method.qemuName().equals(value))
                    .map(method -> MultifdCompression.valueOf(method.name()))
                    .findFirst()
                    .orElseThrow(() -> new ConfigException("multifd-compression must be one of "
                            + Codecs.standard().names() + ": value=" + value));
        }
    }

    /** Reads sizes as QEMU writes them. */
    static final class SizeConverter implements ITypeConverter<Long> {
        @Override
        public Long convert(String value) {
            return ByteSize.parse(value);
        }
    }

    /** Reads sizes of pages. */
    static final class PageSizeConverter implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String value) {
            return (int) Math.min(ByteSize.parse(value), Integer.MAX_VALUE);
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
