package io.pageferry.cli;

import io.pageferry.config.ConfigException;
import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.server.ServerSettings;
import io.pageferry.session.Migrations;
import io.pageferry.store.ImageStore;
import io.pageferry.store.Retention;
import io.pageferry.store.StoreException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import picocli.CommandLine.Option;

/** Options of what a server takes on itself at the most. */
final class ServerLimits {
    @Option(
            names = "--max-migrations",
            paramLabel = "N",
            defaultValue = "256",
            description = "Refuse more migrations at once than this, in and out (default: ${DEFAULT-VALUE}).")
    private int maxMigrations;

    @Option(
            names = "--max-connections",
            paramLabel = "N",
            defaultValue = "" + ServerSettings.DEFAULT_MAX_CONNECTIONS,
            description =
                    "Refuse connections where more than this wait for others of their guests, or half as many from one host (default:"
                            + " ${DEFAULT-VALUE}).")
    private int maxConnections;

    @Option(
            names = "--min-disk-free",
            paramLabel = "SIZE",
            defaultValue = "0",
            converter = MigrationOptions.SizeConverter.class,
            description =
                    "Refuse a guest whose image would leave less than this on the store's disk (default: ${DEFAULT-VALUE}).")
    private long minDiskFree;

    @Option(
            names = "--keep",
            paramLabel = "N",
            defaultValue = "0",
            description = "Keep the newest N images of each guest; 0: all (default: ${DEFAULT-VALUE}).")
    private int keep;

    @Option(
            names = "--keep-for",
            paramLabel = "DURATION",
            converter = MigrationOptions.DurationConverter.class,
            description = "Remove images that are older than this (default: never).")
    private Duration keepFor;

    @Option(
            names = "--max-bandwidth",
            paramLabel = "SIZE",
            defaultValue = "0",
            converter = MigrationOptions.SizeConverter.class,
            description = "The most to receive of each guest, in bytes a second; 0: no limit (default).")
    private long maxBandwidth;

    @Option(
            names = "--host-bandwidth",
            paramLabel = "SIZE",
            defaultValue = "0",
            converter = MigrationOptions.SizeConverter.class,
            description =
                    "The most to receive and send in all, in bytes a second, shared fairly by the migrations; 0: no limit (default).")
    private long hostBandwidth;

    @Option(
            names = "--weight",
            paramLabel = "UUID=N",
            description =
                    "How much of the host's bandwidth a guest gets beside others, which have 1. May be given again.")
    private Map<UUID, Integer> weights = Map.of();

    ServerSettings settings(List<MigrationUri> uris, boolean listenInherited, MigrationParameters.Builder parameters) {
        require("--max-migrations", maxMigrations, 1);
        require("--keep", keep, 0);
        return new ServerSettings(
                uris,
                listenInherited,
                parameters.maxBandwidth(maxBandwidth).build(),
                maxConnections,
                hostBandwidth,
                weights);
    }

    private static void require(String option, int value, int least) {
        if (value < least) {
            throw new ConfigException(option + " must be " + least + " at least: value=" + value);
        }
    }

    Migrations migrations() {
        return new Migrations(maxMigrations, Migrations.DEFAULT_ENDED_KEPT);
    }

    ImageStore open(Path store) throws StoreException {
        return ImageStore.open(
                store, new Retention(keep, Optional.ofNullable(keepFor)), minDiskFree, Clock.systemUTC());
    }
}
