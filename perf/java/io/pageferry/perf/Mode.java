package io.pageferry.perf;

import io.pageferry.config.MigrationCapability;
import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MultifdCompression;
import io.pageferry.config.TlsSettings;
import io.pageferry.qemu.Qemu;
import io.pageferry.qemu.QemuVersion;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * How a guest is moved, and which guest, where it is not plain random RAM. Each way to move it has the same settings.
 */
enum Mode {
    /** TLS 1.3 with certificates. */
    TLS(RamContent.RANDOM, "3G"),
    ZSTD(RamContent.TEXT, "1G"),
    /** A QEMU takes 5 s for a GiB. */
    ZLIB(RamContent.TEXT, "512M"),
    /** By a QEMU that does in software what there is no accelerator for, as {@link #QATZIP}. */
    QPL(RamContent.TEXT, "512M"),
    QATZIP(RamContent.TEXT, "512M"),
    UNTOUCHED(RamContent.UNTOUCHED, "3G"),
    ZEROS(RamContent.ZEROS, "3G"),
    /** Without multifd, on one connection; the number of channels does not matter. */
    PLAIN(RamContent.RANDOM, "1G");

    private static final String CREDENTIALS = "tls0";

    private final RamContent content;
    private final String size;

    Mode(RamContent content, String size) {
        this.content = content;
        this.size = size;
    }

    static Mode of(String name) {
        return valueOf(name.toUpperCase(Locale.ROOT));
    }

    /** Those with a QEMU that needs no building. */
    static String usualNames() {
        return Arrays.stream(values()).filter(Mode::isUsual).map(Mode::label).collect(Collectors.joining(","));
    }

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    RamContent content() {
        return content;
    }

    /** How much RAM the guest has where nobody says otherwise. */
    String defaultSize() {
        return size;
    }

    /**
     * A Pageferry's settings.
     *
     * @param credentials a folder with those of both ends
     */
    MigrationParameters parameters(int channels, Path credentials) {
        MigrationParameters.Builder parameters = MigrationParameters.builder().multifdChannels(channels);
        switch (this) {
            case TLS -> parameters.tls(TlsSettings.of(credentials));
            case ZSTD -> parameters.compression(MultifdCompression.ZSTD);
            case ZLIB -> parameters.compression(MultifdCompression.ZLIB);
            case QPL -> parameters.compression(MultifdCompression.QPL);
            case QATZIP -> parameters.compression(MultifdCompression.QATZIP);
            case PLAIN -> parameters.disable(MigrationCapability.MULTIFD);
            case UNTOUCHED, ZEROS -> {}
        }
        return parameters.build();
    }

    /** A QEMU that has what is needed. */
    Qemu.Builder qemu(Path folder) {
        return this == QPL || this == QATZIP ? Qemu.withCodecs(folder) : Qemu.of(QemuVersion.V10_0, folder);
    }

    /** Whether such a QEMU comes with the others, or has to be built first. */
    boolean isUsual() {
        return this != QPL && this != QATZIP;
    }

    /** What a QEMU must be started with. */
    Qemu.Builder start(Qemu.Builder qemu, String endpoint, Path credentials) {
        return this == TLS
                ? qemu.with(
                        "-object", "tls-creds-x509,id=" + CREDENTIALS + ",dir=" + credentials + ",endpoint=" + endpoint)
                : qemu;
    }

    /** What a QEMU must be told before it migrates. */
    void prepare(Qemu qemu) {
        switch (this) {
            case TLS -> qemu.set("tls-creds", CREDENTIALS);
            case ZSTD, ZLIB, QPL, QATZIP -> qemu.set("multifd-compression", label());
            case PLAIN -> qemu.disable("multifd");
            case UNTOUCHED, ZEROS -> {}
        }
    }
}
