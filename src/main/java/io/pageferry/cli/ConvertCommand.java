package io.pageferry.cli;

import io.pageferry.checkpoint.CheckpointTarget;
import io.pageferry.checkpoint.SpaceReservation;
import io.pageferry.config.ConfigException;
import io.pageferry.config.MigrationCapability;
import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.image.Image;
import io.pageferry.image.ImageAccess;
import io.pageferry.image.PendingImage;
import io.pageferry.image.StreamFile;
import io.pageferry.image.StreamSource;
import io.pageferry.session.CheckpointDestination;
import io.pageferry.session.IncomingMigration;
import io.pageferry.session.Migration;
import io.pageferry.session.MigrationOutcome;
import io.pageferry.session.OutgoingMigration;
import io.pageferry.session.OutgoingStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code convert}: a guest in a file, into another form. */
final class ConvertCommand extends ReportingCommand {
    private final Value<String> in;
    private final Value<String> out;
    private final Value<Long> maxRam;
    private final Value<Long> maxDeviceState;
    private final Value<Integer> pageSize;
    private final Value<Boolean> salvagePages;
    private final ImageAccessOptions access;

    ConvertCommand() {
        super(
                "convert",
                "Converts a guest in a file into another form, which a prefix names: stream:FILE is a plain migration"
                        + " stream, as QEMU has it without multifd and mapped-ram; without a prefix it is a mapped-ram"
                        + " image.",
                "",
                "stream:- is standard input or output. QEMU reads a stream by -incoming 'exec:cat FILE', and writes"
                        + " one by migrate 'exec:cat>FILE'.",
                "");
        in = model.add(
                Value.of(String.class),
                PositionalParamSpec.builder()
                        .index("0")
                        .paramLabel("IN")
                        .description("What to read: an image, PATH or file:PATH[,offset=N]; or stream:FILE, stream:-"
                                + " for standard input."));
        out = model.add(
                Value.of(String.class),
                PositionalParamSpec.builder()
                        .index("1")
                        .paramLabel("OUT")
                        .description("What to write: the other form of these. Where it is stream:-, standard output,"
                                + " the result goes to stderr. A file that is there stays until the new one is"
                                + " complete."));
        maxRam = model.add(
                Value.of(long.class),
                OptionSpec.builder("--max-ram")
                        .paramLabel("SIZE")
                        .defaultValue("1T")
                        .converters(new MigrationOptions.SizeConverter())
                        .description("Refuse a guest larger than this (default: ${DEFAULT-VALUE})."));
        maxDeviceState = model.add(
                Value.of(Long.class),
                OptionSpec.builder("--max-device-state")
                        .paramLabel("SIZE")
                        .converters(new MigrationOptions.SizeConverter())
                        .description("Refuse more device state in a stream than this (default: an eighth of the"
                                + " guest's RAM, and 256M at least)."));
        pageSize = model.add(
                Value.of(Integer.class),
                OptionSpec.builder("--page-size")
                        .paramLabel("SIZE")
                        .converters(new MigrationOptions.PageSizeConverter())
                        .description("The guest's page size, where its stream does not say it (default: 8k for sun4u"
                                + " and a few more machines, 4k for all others)."));
        salvagePages = model.add(
                Value.flag(),
                OptionSpec.builder("--salvage-pages")
                        .description("IN is an image that QEMU has written with mapped-ram and background-snapshot:"
                                + " it says that it is complete, and its bitmaps say that no page is there, so that"
                                + " QEMU cannot load it. Take each page that is not zero for one that is there. OUT"
                                + " may be an image, too."));
        access = new ImageAccessOptions(model);
    }

    @Override
    PrintStream result() {
        return out.get() != null && isStandard(out.get()) ? System.err : System.out;
    }

    private static boolean isStandard(String form) {
        return form.equals(StoredForm.STREAM_PREFIX + "-");
    }

    @Override
    Ending run() throws IOException {
        MigrationParameters parameters = MigrationParameters.builder()
                .multifdChannels(1)
                .disable(MigrationCapability.MULTIFD)
                .maxRam(maxRam.get())
                .maxDeviceState(
                        maxDeviceState.get() == null ? OptionalLong.empty() : OptionalLong.of(maxDeviceState.get()))
                .pageSize(pageSize.get())
                .build();
        StoredForm source = StoredForm.parse(in.get());
        StoredForm target = StoredForm.parse(out.get());
        if (source instanceof StoredForm.OfImage(MigrationUri.ImageFile file)
                && target instanceof StoredForm.OfStream stream) {
            return toStream(file, stream, parameters);
        }
        if (salvagePages.get()
                && source instanceof StoredForm.OfImage(MigrationUri.ImageFile file)
                && target instanceof StoredForm.OfImage(MigrationUri.ImageFile salvaged)) {
            try (Image image = open(file, parameters)) {
                return run(OutgoingMigration.of(image, salvaged, Optional.empty(), parameters));
            }
        }
        if (salvagePages.get()) {
            throw new ConfigException("IN must be an image with salvage-pages: in=" + in.get());
        }
        if (source instanceof StoredForm.OfStream stream
                && target instanceof StoredForm.OfImage(MigrationUri.ImageFile file)) {
            return toImage(stream, file, parameters);
        }
        throw new ConfigException("IN and OUT must be of different forms, an image and stream:FILE: in=" + in.get()
                + " out=" + out.get());
    }

    private Ending toImage(StoredForm.OfStream stream, MigrationUri.ImageFile file, MigrationParameters parameters)
            throws IOException {
        ImageAccess readers = access.access();
        CheckpointTarget image = buffers -> PendingImage.create(
                file.path(), file.offset(), buffers, parameters.directIo(), readers, SpaceReservation.UNLIMITED);
        // The stream first: a pipe may take long to be there.
        try (StreamSource opened = source(stream);
                CheckpointDestination target = CheckpointDestination.of(image, parameters)) {
            return run(IncomingMigration.from(opened, parameters, target));
        }
    }

    private static StreamSource source(StoredForm.OfStream stream) throws IOException {
        return stream.isStandard()
                ? StreamSource.from(new FileInputStream(FileDescriptor.in).getChannel(), stream.name())
                : StreamSource.open(stream.path());
    }

    private Ending toStream(MigrationUri.ImageFile file, StoredForm.OfStream stream, MigrationParameters parameters)
            throws IOException {
        try (Image image = open(file, parameters);
                StreamFile target = target(stream, access.access())) {
            return run(OutgoingStream.of(image, target, parameters));
        }
    }

    private Image open(MigrationUri.ImageFile file, MigrationParameters parameters) throws IOException {
        return salvagePages.get()
                ? Image.salvage(file.path(), file.offset(), parameters.maxRam())
                : Image.open(file.path(), file.offset(), parameters.maxRam(), parameters.directIo());
    }

    private static StreamFile target(StoredForm.OfStream stream, ImageAccess access) throws IOException {
        return stream.isStandard()
                ? StreamFile.into(new FileOutputStream(FileDescriptor.out).getChannel(), stream.name())
                : StreamFile.create(stream.path(), access);
    }

    private Ending run(Migration migration) {
        MigrationOutcome outcome;
        try (ProgressLine _ = new ProgressLine(migration.progress())) {
            outcome = migration.run();
        }
        MigrationReport report = new MigrationReport(outcome);
        List<String> lines = new ArrayList<>();
        lines.add(MigrationReport.row("converted", out.get()));
        report.print(lines);
        return Ending.of(outcome, report.toJson().put("in", in.get()).put("out", out.get()), lines);
    }
}
