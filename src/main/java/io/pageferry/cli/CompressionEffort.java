package io.pageferry.cli;

import io.pageferry.config.MigrationParameters;
import picocli.CommandLine.Model.OptionSpec;

/** Options of how much is done to make pages small. */
final class CompressionEffort {
    private final Value<Integer> zlibLevel;
    private final Value<Integer> zstdLevel;
    private final Value<Integer> qatzipLevel;
    private final Value<OnOff> uadkRaw;

    CompressionEffort(CommandModel model) {
        zlibLevel = model.add(
                Value.of(int.class),
                OptionSpec.builder("--multifd-zlib-level")
                        .paramLabel("N")
                        .defaultValue("1")
                        .description(
                                "Effort of zlib: 0 (none) to 9; 1 to 3 are much faster where libisal.so.2 is installed"
                                        + " (default: ${DEFAULT-VALUE})."));
        zstdLevel = model.add(
                Value.of(int.class),
                OptionSpec.builder("--multifd-zstd-level")
                        .paramLabel("N")
                        .defaultValue("1")
                        .description("Effort of zstd: 1 to 20, 0 for its own default (default: ${DEFAULT-VALUE})."));
        qatzipLevel = model.add(
                Value.of(int.class),
                OptionSpec.builder("--multifd-qatzip-level")
                        .paramLabel("N")
                        .defaultValue("1")
                        .description("Effort of qatzip: 1 to 9; 1 to 3 are much faster where libisal.so.2 is"
                                + " installed (default: ${DEFAULT-VALUE})."));
        uadkRaw = model.add(
                Value.of(OnOff.class),
                OptionSpec.builder("--multifd-uadk-raw")
                        .paramLabel("on|off")
                        .defaultValue("off")
                        .description("Whether uadk sends pages as they are: a QEMU on a machine without that"
                                + " accelerator takes no others (default: ${DEFAULT-VALUE})."));
    }

    void addTo(MigrationParameters.Builder builder) {
        builder.zlibLevel(zlibLevel.get())
                .zstdLevel(zstdLevel.get())
                .qatzipLevel(qatzipLevel.get())
                .uadkRaw(uadkRaw.get() == OnOff.ON);
    }
}
