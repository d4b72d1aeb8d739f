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
        StreamKind stream,
        QemuVersion version,
        MachineClass machine,
        Direction direction,
        Transport transport,
        MultifdCompression codec,
        Tls tls,
        ZeroPageDetection zeroPages,
        int channels) {
    /** What goes over the wire; {@link #exists} says what each is tried with. */
    enum StreamKind {
        /** Pages on channels of their own. */
        MULTIFD,
        /** All on one connection. */
        PLAIN,
        /** The same of a guest that runs on; only a QEMU sends that. */
        BACKGROUND
    }

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

    private static final List<MatrixCell> ALL = make();

    /** What it is called where it is told. */
    String title() {
        return direction.title(version) + ", " + word(stream) + ", " + machineType() + ", " + word(transport) + ", "
                + codec.qemuName() + ", TLS " + word(tls) + ", zero pages " + zeroPages.qemuName() + ", " + channels
                + " channels";
    }

    /** The machine type of both ends. */
    String machineType() {
        return machine.machine(version).orElseThrow();
    }

    static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    /**
     * A machine type must be one that the QEMU has. With multifd, of the places that transports and numbers of channels
     * have along with everything else one in three is there: each transport with each number of channels, in turn.
     * Otherwise there is one connection, without compression, and zero pages are looked for by who sends the stream.
     */
    boolean exists() {
        if (machine.machine(version).isEmpty()) {
            return false;
        }
        return switch (stream) {
            case MULTIFD -> hasZeroPages() && turn() % CHANNELS.size() == 0;
            case PLAIN -> isOneConnection();
            case BACKGROUND -> isOneConnection() && direction == Direction.QEMU_SENDS;
        };
    }

    private int turn() {
        return transport.ordinal()
                + CHANNELS.indexOf(channels)
                + codec.ordinal()
                + tls.ordinal()
                + zeroPages.ordinal()
                + machine.ordinal();
    }

    private boolean isOneConnection() {
        return channels == CHANNELS.getFirst()
                && codec == MultifdCompression.NONE
                && zeroPages == ZeroPageDetection.LEGACY;
    }

    /**
     * QEMU 7.2 has no zero-page-detection: as a source it always does what was named legacy later, as a destination it
     * also takes pages that nobody has tested, and no packets that list zero pages.
     */
    private boolean hasZeroPages() {
        if (version != QemuVersion.V7_2 || zeroPages == ZeroPageDetection.LEGACY) {
            return true;
        }
        return direction == Direction.PAGEFERRY_SENDS && zeroPages == ZeroPageDetection.NONE;
    }

    /** The whole matrix, without the cells that do not exist. */
    static List<MatrixCell> all() {
        return ALL;
    }

    private static List<MatrixCell> make() {
        List<List<Object>> rows = List.of(List.of());
        for (List<?> values : List.of(
                List.of(StreamKind.values()),
                List.of(QemuVersion.values()),
                List.of(MachineClass.values()),
                List.of(Direction.values()),
                List.of(Transport.values()),
                CODECS,
                List.of(Tls.values()),
                List.of(ZeroPageDetection.values()),
                CHANNELS)) {
            rows = rows.stream()
                    .flatMap(row -> values.stream().map(value -> append(row, value)))
                    .toList();
        }
        return rows.stream().map(MatrixCell::of).filter(MatrixCell::exists).toList();
    }

    private static List<Object> append(List<Object> row, Object value) {
        List<Object> longer = new ArrayList<>(row);
        longer.add(value);
        return longer;
    }

    private static MatrixCell of(List<Object> row) {
        return new MatrixCell(
                (StreamKind) row.get(0),
                (QemuVersion) row.get(1),
                (MachineClass) row.get(2),
                (Direction) row.get(3),
                (Transport) row.get(4),
                (MultifdCompression) row.get(5),
                (Tls) row.get(6),
                (ZeroPageDetection) row.get(7),
                (int) row.get(8));
    }

    /**
     * Few cells, always the same, in which each value of a dimension meets each value of every other one where the two
     * exist together, and each QEMU sends and is sent each class of machine types.
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
        List<Object> values = List.of(stream, version, machine, direction, transport, codec, tls, zeroPages, channels);
        Set<Pair> pairs = new HashSet<>();
        for (int first = 0; first < values.size(); first++) {
            for (int second = first + 1; second < values.size(); second++) {
                pairs.add(new Pair(first, values.get(first), second, values.get(second)));
            }
        }
        // A QEMU has a dialect for each class of machine types, and one code for sending and one for receiving it.
        pairs.add(new Pair(values.size(), List.of(version, machine), values.indexOf(direction), direction));
        return pairs;
    }
}
