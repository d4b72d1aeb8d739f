package io.pageferry.cli;

import io.pageferry.config.ConfigException;
import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.history.RefusalHistory;
import io.pageferry.image.ImageAccess;
import io.pageferry.server.HostShare;
import io.pageferry.server.ServerSettings;
import io.pageferry.session.registry.Migrations;
import io.pageferry.store.Adoption;
import io.pageferry.store.GuestNames;
import io.pageferry.store.ImageStore;
import io.pageferry.store.Retention;
import io.pageferry.store.folder.FolderStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import picocli.CommandLine.Model.OptionSpec;

/** Options of what a server takes on itself at the most. */
final class ServerLimits {
    private final Value<Integer> maxMigrations;
    private final Value<Integer> maxConnections;
    private final Value<Double> hostShare;
    private final Value<Long> minDiskFree;
    private final Value<Integer> keep;
    private final Value<Duration> keepFor;
    private final Value<List<String>> adopt;
    private final Value<Map<UUID, String>> names;
    private final Value<Long> maxBandwidth;
    private final Value<Long> hostBandwidth;
    private final Value<Map<UUID, Integer>> weights;

    ServerLimits(CommandModel model) {
        maxMigrations = model.add(
                Value.of(int.class),
                OptionSpec.builder("--max-migrations")
                        .paramLabel("N")
                        .defaultValue("256")
                        .description(
                                "Refuse more migrations at once than this, in and out (default: ${DEFAULT-VALUE})."));
        maxConnections = model.add(
                Value.of(int.class),
                OptionSpec.builder("--max-connections")
                        .paramLabel("N")
                        .defaultValue("" + ServerSettings.DEFAULT_MAX_CONNECTIONS)
                        .description("Refuse connections where more than this wait for others of their guests (default:"
                                + " ${DEFAULT-VALUE})."));
        hostShare = model.add(
                Value.of(double.class),
                OptionSpec.builder("--host-share")
                        .paramLabel("PART")
                        .defaultValue("0.75")
                        .description("How much of --max-connections, of --max-migrations, of the memory for"
                                + " migrations and of the free room on disk guests of one host, or of one TLS"
                                + " identity, may have together, more than 0 and up to 1 (default: ${DEFAULT-VALUE})."
                                + " IPv6 addresses of one /64 are one host's, and so are all UNIX sockets."));
        minDiskFree = model.add(
                Value.of(long.class),
                OptionSpec.builder("--min-disk-free")
                        .paramLabel("SIZE")
                        .defaultValue("0")
                        .converters(new MigrationOptions.SizeConverter())
                        .description("Refuse a guest whose image would leave less than this on the store's disk, and"
                                + " end one whose device state would (default: ${DEFAULT-VALUE})."));
        keep = model.add(
                Value.of(int.class),
                OptionSpec.builder("--keep")
                        .paramLabel("N")
                        .defaultValue("0")
                        .description(
                                "Keep the newest N images of each guest; 0: all (default: ${DEFAULT-VALUE}).",
                                "Images are of one guest where they have the same uuid and, under TLS, were sent by"
                                        + " the same identity. A guest's newest image, by the order in which images"
                                        + " were completed, stays in any case; so do images that are being sent,"
                                        + " those that got their names over QMP (x-image), and those of guests"
                                        + " without a uuid: they lie in the folder 'unknown' (under TLS"
                                        + " 'unknown@TAG', one for each identity), since nobody can say which of them"
                                        + " are of the same guest. To get rid of those, use QMP's x-remove-image, or"
                                        + " delete IMAGE and then IMAGE.json while no server has the store."));
        keepFor = model.add(
                Value.of(Duration.class),
                OptionSpec.builder("--keep-for")
                        .paramLabel("DURATION")
                        .converters(new MigrationOptions.DurationConverter())
                        .description("Remove images that were completed longer ago than this, but none of those that"
                                + " --keep leaves alone (default: never)."));
        adopt = model.add(
                Value.ofList(String.class),
                OptionSpec.builder("--adopt")
                        .arity("2")
                        .paramLabel("OWNER")
                        .description("Before anything else, have the images of one owner be another one's: --adopt"
                                + " FROM TO. An owner is who sent an image under TLS: a certificate's distinguished"
                                + " name, or a pre-shared key's user; 'none' is nobody, and FROM may be a guest's"
                                + " uuid, for its images that are nobody's. For images from before there were owners,"
                                + " and for a certificate that was renewed under another name. May be given again."));
        names = model.add(
                Value.ofMap(UUID.class, String.class),
                OptionSpec.builder("--name")
                        .paramLabel("UUID=NAME")
                        .description("What a guest is called: commands that take a guest's uuid take this, too. It"
                                + " comes into the images that the guest has and gets. May be given again."));
        maxBandwidth = model.add(
                Value.of(long.class),
                OptionSpec.builder("--max-bandwidth")
                        .paramLabel("SIZE")
                        .defaultValue("0")
                        .converters(new MigrationOptions.SizeConverter())
                        .description("The most to receive of each guest, in bytes a second; 0: no limit (default)."));
        hostBandwidth = model.add(
                Value.of(long.class),
                OptionSpec.builder("--host-bandwidth")
                        .paramLabel("SIZE")
                        .defaultValue("0")
                        .converters(new MigrationOptions.SizeConverter())
                        .description("The most to receive and send in all, in bytes a second, shared fairly by the"
                                + " migrations; 0: no limit (default)."));
        weights = model.add(
                Value.ofMap(UUID.class, Integer.class),
                OptionSpec.builder("--weight")
                        .paramLabel("UUID=N")
                        .description("How much of the host's bandwidth a guest gets beside others, which have 1. May"
                                + " be given again."));
    }

    ServerSettings settings(List<MigrationUri> uris, boolean listenInherited, MigrationParameters.Builder parameters) {
        require("--max-migrations", maxMigrations.get(), 1);
        require("--keep", keep.get(), 0);
        return new ServerSettings(
                uris,
                listenInherited,
                parameters.maxBandwidth(maxBandwidth.get()).build(),
                maxConnections.get(),
                hostBandwidth.get(),
                weights.get(),
                new HostShare(hostShare.get()));
    }

    private static Adoption adoption(String from, String to) {
        try {
            return new Adoption(from, to);
        } catch (IllegalArgumentException e) {
            throw new ConfigException("--adopt: " + e.getMessage());
        }
    }

    private static void require(String option, int value, int least) {
        if (value < least) {
            throw new ConfigException(option + " must be " + least + " at least: value=" + value);
        }
    }

    Migrations migrations() {
        return new Migrations(maxMigrations.get(), Migrations.DEFAULT_ENDED_KEPT);
    }

    /** What is remembered of those that were refused lies in the store, which is open. */
    RefusalHistory refusals(Path store) {
        return RefusalHistory.in(store.resolve(FolderStore.OWN_FOLDER).resolve("refusals"));
    }

    ImageStore open(Path store, ImageAccess access) throws IOException {
        List<Adoption> adoptions = new ArrayList<>();
        for (int i = 0; i < adopt.get().size(); i += 2) {
            adoptions.add(adoption(adopt.get().get(i), adopt.get().get(i + 1)));
        }
        ImageStore images = FolderStore.open(
                store,
                new Retention(keep.get(), Optional.ofNullable(keepFor.get())),
                minDiskFree.get(),
                Clock.systemUTC(),
                adoptions,
                access);
        try {
            images.name(guestNames());
            return images;
        } catch (IOException | ConfigException e) {
            images.close();
            throw e;
        }
    }

    private GuestNames guestNames() {
        try {
            return new GuestNames(names.get());
        } catch (IllegalArgumentException e) {
            throw new ConfigException("--name: " + e.getMessage());
        }
    }
}
