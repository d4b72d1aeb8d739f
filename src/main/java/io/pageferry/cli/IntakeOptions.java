package io.pageferry.cli;

import io.pageferry.config.MigrationCapability;
import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import java.util.List;
import picocli.CommandLine.Model.OptionSpec;

/** Options of who takes guests in. */
final class IntakeOptions {
    private final TlsOptions tls;
    private final Value<List<String>> tlsAuthz;
    private final Value<Integer> pageSize;
    private final Value<Boolean> switchoverAck;
    private final Value<Boolean> ignoreShared;
    private final Value<Boolean> directIo;

    IntakeOptions(CommandModel model) {
        tls = new TlsOptions(model);
        tlsAuthz = model.add(
                Value.ofList(String.class),
                OptionSpec.builder("--tls-authz")
                        .paramLabel("[deny:][glob:]NAME")
                        .description("Which clients are let in, by the distinguished name of their certificate, such"
                                + " as CN=laptop,O=Home; with glob: as a pattern, with deny: who is not. May be given"
                                + " again: the first that fits decides, and who fits none is refused (default: all"
                                + " that have a good certificate)."));
        pageSize = model.add(
                Value.of(Integer.class),
                OptionSpec.builder("--page-size")
                        .paramLabel("SIZE")
                        .converters(new MigrationOptions.PageSizeConverter())
                        .description("The guest's page size, where its source does not say it (default: 8k for sun4u"
                                + " and a few more machines, 4k for all others)."));
        switchoverAck = model.add(
                Value.flag(),
                OptionSpec.builder("--switchover-ack")
                        .description("Tell the source that it may switch over. With machine types of QEMU 8.1 to 11.0"
                                + " that is done anyway, and with newer ones never: they do not wait for it, and fail"
                                + " if they are told."));
        ignoreShared = model.add(
                Value.flag(),
                OptionSpec.builder("--x-ignore-shared")
                        .description("Take a guest whose source has x-ignore-shared on: the RAM of its shared blocks"
                                + " stays in their files, and is not in the image."));
        directIo = model.add(
                Value.flag(),
                OptionSpec.builder("--direct-io").description("Write the guest's RAM past the page cache (O_DIRECT)."));
    }

    /** Adds them to the parameters of a migration from somewhere. */
    MigrationParameters.Builder addTo(MigrationParameters.Builder builder, MigrationUri source) {
        builder.directIo(directIo.get()).pageSize(pageSize.get()).tls(tls.ofServer(source, tlsAuthz.get()));
        if (switchoverAck.get()) {
            builder.enable(MigrationCapability.SWITCHOVER_ACK);
        }
        if (ignoreShared.get()) {
            builder.enable(MigrationCapability.X_IGNORE_SHARED);
        }
        return builder;
    }
}
