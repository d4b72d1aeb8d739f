package io.pageferry.cli;

import picocli.CommandLine.Model.OptionSpec;

/** The option of commands that send one guest. */
final class BandwidthOption {
    private final Value<Long> maxBandwidth;

    BandwidthOption(CommandModel model) {
        maxBandwidth = model.add(
                Value.of(long.class),
                OptionSpec.builder("--max-bandwidth")
                        .paramLabel("SIZE")
                        .defaultValue("0")
                        .converters(new MigrationOptions.SizeConverter())
                        .description("The most to send, in bytes a second; 0: no limit (default)."));
    }

    long bytesPerSecond() {
        return maxBandwidth.get();
    }
}
