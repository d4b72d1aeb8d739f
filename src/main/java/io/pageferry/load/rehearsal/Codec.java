package io.pageferry.load.rehearsal;

import io.pageferry.config.MigrationParameters;
import io.pageferry.load.Scenario;
import io.pageferry.load.Setting;
import io.pageferry.wire.CompressionMethod;
import java.util.Locale;

/**
 * A method of compression with its level.
 *
 * @param level 0 for none
 */
record Codec(CompressionMethod method, int level) {
    static Codec of(Scenario scenario) {
        CompressionMethod method = CompressionMethod.valueOf(
                scenario.text(Setting.MULTIFD_COMPRESSION).toUpperCase(Locale.ROOT));
        int level = switch (method) {
            case NONE -> 0;
            case QPL, UADK -> MigrationParameters.DEFAULT_COMPRESSION_LEVEL; // they have no others
            case ZLIB, ZSTD, QATZIP -> scenario.number(Setting.COMPRESSION_LEVEL);
        };
        return new Codec(method, level);
    }

    /** Such as {@code zstd-1}. */
    String name() {
        return method == CompressionMethod.NONE ? "none" : method.qemuName() + "-" + level;
    }
}
