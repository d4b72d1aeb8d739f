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
import picocli.CommandLine.Model.OptionSpec;

/** Options that every migration has. */
final class MigrationOptions {
    private static final String UNCOMPRESSED = "none";

    private final Value<Integer> multifdChannels;
    private final Value<Integer> maxMultifdChannels;
    private final Value<MultifdCompression> compression;
    private final Value<Duration> stallTimeout;
    private final Value<Long> maxRam;
    private final Value<Long> maxDeviceState;

    MigrationOptions(CommandModel model) {
        this(
                model,
                model.add(
                        Value.of(Integer.class),
                        OptionSpec.builder("--multifd-channels")
                                .paramLabel("N")
                                .defaultValue("" + MigrationParameters.DEFAULT_MULTIFD_CHANNELS)
                                .description("Multifd channels beside the main one, 1 to 255; as the other end has it"
                                        + " (default: ${DEFAULT-VALUE}).")),
                Value.of(Integer.class));
    }

    private MigrationOptions(CommandModel model, Value<Integer> multifdChannels, Value<Integer> maxMultifdChannels) {
        this.multifdChannels = multifdChannels;
        this.maxMultifdChannels = maxMultifdChannels;
        compression = model.add(
                Value.of(MultifdCompression.class),
                OptionSpec.builder("--multifd-compression")
                        .paramLabel("none|zlib|zstd|qpl|uadk|qatzip")
                        .defaultValue(UNCOMPRESSED)
                        .converters(new CompressionConverter())
                        .description("What is done to page data on the wire; as the other end has it. qpl, uadk and"
                                + " qatzip are done without their accelerators (default: ${DEFAULT-VALUE})."));
        stallTimeout = model.add(
                Value.of(Duration.class),
                OptionSpec.builder("--stall-timeout")
                        .paramLabel("DURATION")
                        .defaultValue("30s")
                        .converters(new DurationConverter())
                        .description("How long a peer may be silent where it should say something, or a channel may"
                                + " fail to come, counted from the first connection on; a source must also bring"
                                + " pages or device state within twice as long, whatever else it says, unless it"
                                + " pauses before its switchover. A destination that takes bytes, however slowly, is"
                                + " not silent (default: ${DEFAULT-VALUE})."));
        maxRam = model.add(
                Value.of(long.class),
                OptionSpec.builder("--max-ram")
                        .paramLabel("SIZE")
                        .defaultValue("1T")
                        .converters(new SizeConverter())
                        .description("Refuse a guest larger than this (default: ${DEFAULT-VALUE})."));
        maxDeviceState = model.add(
                Value.of(Long.class),
                OptionSpec.builder("--max-device-state")
                        .paramLabel("SIZE")
                        .converters(new SizeConverter())
                        .description("Refuse more device state than this, be it on the main channel (default: an"
                                + " eighth of the guest's RAM, and 256M at least) or beside RAM (default: 1T)."));
    }

    /** The same of who takes a source with whatever number of channels. */
    static MigrationOptions ofAnyChannels(CommandModel model) {
        return new MigrationOptions(
                model,
                model.add(
                        Value.of(Integer.class),
                        OptionSpec.builder("--multifd-channels")
                                .paramLabel("N")
                                .description("Refuse a source that has another number of multifd channels beside the"
                                        + " main one, 1 to 255 (default: any is taken).")),
                model.add(
                        Value.of(Integer.class),
                        OptionSpec.builder("--max-multifd-channels")
                                .paramLabel("N")
                                .description("Refuse a source that has more multifd channels than this, 1 to 255"
                                        + " (default: " + MigrationParameters.MAX_MULTIFD_CHANNELS + ").")));
    }

    private MigrationParameters.Builder channels() {
        MigrationParameters.Builder parameters = MigrationParameters.builder();
        if (multifdChannels.get() == null) {
            return parameters.maxMultifdChannels(
                    maxMultifdChannels.get() == null
                            ? MigrationParameters.MAX_MULTIFD_CHANNELS
                            : maxMultifdChannels.get());
        }
        if (maxMultifdChannels.get() != null) {
            throw new ConfigException("multifd-channels is an exact number, so that max-multifd-channels must not be"
                    + " set, too: multifd-channels=" + multifdChannels.get() + " max-multifd-channels="
                    + maxMultifdChannels.get());
        }
        return parameters.multifdChannels(multifdChannels.get());
    }

    MigrationParameters.Builder parameters() {
        return channels()
                .compression(compression.get())
                .stallTimeout(stallTimeout.get())
                .maxRam(maxRam.get())
                .maxDeviceState(
                        maxDeviceState.get() == null ? OptionalLong.empty() : OptionalLong.of(maxDeviceState.get()));
    }

    /** Reads a method of compression that there is a codec for. */
    static final class CompressionConverter implements ITypeConverter<MultifdCompression> {
        @Override
        public MultifdCompression convert(String value) {
            // The default: codecs need not be loaded, nor their libraries looked for, to know it.
            if (value.equals(UNCOMPRESSED)) {
                return MultifdCompression.NONE;
            }
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
