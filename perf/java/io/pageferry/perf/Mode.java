package io.pageferry.perf;

import io.pageferry.config.MigrationCapability;
import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MultifdCompression;
import io.pageferry.config.TlsSettings;
import io.pageferry.qemu.Qemu;
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

    static String names() {
        return Arrays.stream(values()).map(Mode::label).collect(Collectors.joining(","));
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
            case PLAIN -> parameters.disable(MigrationCapability.MULTIFD);
            case UNTOUCHED, ZEROS -> {}
        }
        return parameters.build();
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
            case ZSTD, ZLIB -> qemu.set("multifd-compression", label());
            case PLAIN -> qemu.disable("multifd");
            case UNTOUCHED, ZEROS -> {}
        }
    }
}
