package io.pageferry.qemu;

import io.pageferry.config.MultifdCompression;
import io.pageferry.config.ZeroPageDetection;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** One way to migrate, of all that there are: a value of each dimension. */
record MatrixCell(
        QemuVersion version,
        Direction direction,
        Transport transport,
        MultifdCompression codec,
        Tls tls,
        ZeroPageDetection zeroPages,
        int channels) {
    enum Direction {
        QEMU_SENDS,
        PAGEFERRY_SENDS;

        String title(QemuVersion version) {
            return this == QEMU_SENDS ? version + " → Pageferry" : "Pageferry → " + version;
        }
    }

    enum Transport {
        IPV4,
        IPV6,
        UNIX
    }

    enum Tls {
        NONE,
        X509,
        PSK
    }

    static final List<MultifdCompression> CODECS =
            List.of(MultifdCompression.NONE, MultifdCompression.ZLIB, MultifdCompression.ZSTD);
    static final List<Integer> CHANNELS = List.of(1, 4, 16);

    /** What it is called where it is told. */
    String title() {
        return direction.title(version) + ", " + word(transport) + ", " + codec.qemuName() + ", TLS " + word(tls)
                + ", zero pages " + zeroPages.qemuName() + ", " + channels + " channels";
    }

    static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    /**
     * QEMU 7.2 has no zero-page-detection: as a source it always does what was named legacy later, as a destination it
     * also takes pages that nobody has tested, and no packets that list zero pages.
     */
    boolean exists() {
        if (version != QemuVersion.V7_2 || zeroPages == ZeroPageDetection.LEGACY) {
            return true;
        }
        return direction == Direction.PAGEFERRY_SENDS && zeroPages == ZeroPageDetection.NONE;
    }

    /** The whole matrix, without the cells that do not exist. */
    static List<MatrixCell> all() {
        List<MatrixCell> cells = new ArrayList<>();
        for (QemuVersion version : QemuVersion.OF_MATRIX) {
            for (Direction direction : Direction.values()) {
                for (Transport transport : Transport.values()) {
                    for (Tls tls : Tls.values()) {
                        addOptions(cells, version, direction, transport, tls);
                    }
                }
            }
        }
        return cells.stream().filter(MatrixCell::exists).toList();
    }

    private static void addOptions(
            List<MatrixCell> cells, QemuVersion version, Direction direction, Transport transport, Tls tls) {
        for (MultifdCompression codec : CODECS) {
            for (ZeroPageDetection zeroPages : ZeroPageDetection.values()) {
                for (int channels : CHANNELS) {
                    cells.add(new MatrixCell(version, direction, transport, codec, tls, zeroPages, channels));
                }
            }
        }
    }

    /**
     * Few cells, always the same, in which each value of a dimension meets each value of every other one where the two
     * exist together.
     */
    static List<MatrixCell> covering() {
        List<MatrixCell> all = all();
        Set<Pair> missing = new HashSet<>();
        all.forEach(cell -> missing.addAll(cell.pairs()));
        List<MatrixCell> chosen = new ArrayList<>();
        while (!missing.isEmpty()) {
            MatrixCell best = null;
            long most = 0;
            for (MatrixCell cell : all) {
                long added = cell.pairs().stream().filter(missing::contains).count();
                if (added > most) {
                    most = added;
                    best = cell;
                }
            }
            chosen.add(best);
            missing.removeAll(best.pairs());
        }
        return chosen;
    }

    record Pair(int firstDimension, Object first, int secondDimension, Object second) {}

    Set<Pair> pairs() {
        List<Object> values = List.of(version, direction, transport, codec, tls, zeroPages, channels);
        Set<Pair> pairs = new HashSet<>();
        for (int first = 0; first < values.size(); first++) {
            for (int second = first + 1; second < values.size(); second++) {
                pairs.add(new Pair(first, values.get(first), second, values.get(second)));
            }
        }
        return pairs;
    }
}
