package io.pageferry.cli;

import io.pageferry.config.MigrationParameters;
import io.pageferry.config.ZeroPageDetection;
import picocli.CommandLine.Model.OptionSpec;

/** Options of what a destination expects to find where on the wire. */
final class WireOptions {
    private final Value<ZeroPageDetection> zeroPageDetection;
    private final Value<OnOffAuto> flushAfterEachSection;
    private final Value<Boolean> pagesOnMainChannel;

    WireOptions(CommandModel model) {
        zeroPageDetection = model.add(
                Value.of(ZeroPageDetection.class),
                OptionSpec.builder("--zero-page-detection")
                        .paramLabel("none|legacy|multifd")
                        .description("Who looks for zero pages, and how they are sent (default: multifd; legacy for"
                                + " machine types before 9.0, as in QEMU, and those that are not known)."));
        flushAfterEachSection = model.add(
                Value.of(OnOffAuto.class),
                OptionSpec.builder("--multifd-flush-after-each-section")
                        .paramLabel("on|off|auto")
                        .defaultValue("auto")
                        .description("Where the destination expects syncs, as QEMU's property of the same name; auto:"
                                + " as the source did, where that is kept with the image, or else as the machine type"
                                + " has it: on up to 8.0 (default: ${DEFAULT-VALUE})."));
        pagesOnMainChannel = model.add(
                Value.flag(),
                OptionSpec.builder("--pages-on-main-channel")
                        .description("Send pages over the main channel and leave the multifd channels empty: slower,"
                                + " and right for every destination (default: where the machine type is not known,"
                                + " and --multifd-flush-after-each-section is auto)."));
    }

    void addTo(MigrationParameters.Builder builder) {
        builder.zeroPageDetection(zeroPageDetection.get())
                .flushAfterEachSection(flushAfterEachSection.get().value().orElse(null))
                .pagesOnMainChannel(pagesOnMainChannel.get());
    }
}
