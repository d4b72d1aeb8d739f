package io.pageferry.qemu;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationCapability;
import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.config.TlsSettings;
import io.pageferry.qemu.MatrixCell.StreamKind;
import io.pageferry.testing.LeakFree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every option of a migration along with every other: a covering selection, or with {@code -Dpageferry.matrix=all} all
 * of them. {@code scripts/test-matrix} does that, and has the page's table written ({@code -Dpageferry.matrix.made}).
 */
@RealQemu
@LeakFree
@Timeout(120)
class MatrixIT {
    private static final DirtyingGuest GUEST = DirtyingGuest.counting();
    private static final String HOST = "localhost";
    private static final boolean ALL = "all".equals(System.getProperty("pageferry.matrix"));

    /** How the page's table is made, where it is to be written. */
    private static final String MADE = System.getProperty("pageferry.matrix.made");

    /** Of the cells that were run, which passed. */
    private static final Map<MatrixCell, Boolean> PASSED = new HashMap<>();

    @TempDir
    static Path shared;

    private static TlsFolders folders;

    @TempDir
    Path folder;

    @BeforeAll
    static void makeCredentials() throws IOException {
        folders = TlsFolders.create(shared);
    }

    static List<MatrixCell> cells() {
        return ALL ? MatrixCell.all() : MatrixCell.covering();
    }

    @ParameterizedTest
    @MethodSource("cells")
    void shouldLeaveSameMemory(MatrixCell cell) throws Exception {
        PASSED.put(cell, false);
        if (cell.direction() == MatrixCell.Direction.QEMU_SENDS) {
            receive(cell);
        } else {
            send(cell);
        }
        PASSED.put(cell, true);
        assertTrue(
                MADE != null
                        || !MatrixTable.failuresIn(Files.readString(MatrixTable.PAGE))
                                .contains(cell.title()),
                MatrixTable.PAGE + " says it fails");
    }

    @AfterAll
    static void writeTable() throws IOException {
        if (MADE != null) {
            MatrixTable table = new MatrixTable(PASSED);
            Files.writeString(MatrixTable.PAGE, table.into(Files.readString(MatrixTable.PAGE), MADE));
        }
    }

    private void receive(MatrixCell cell) throws Exception {
        Path image = folder.resolve("image");
        try (Qemu source = start(cell, qemu(cell), "client");
                Reception reception = Reception.start(MigrationUri.parse(place(cell)), image, parameters(cell))) {
            GUEST.awaitRunning(source);
            if (cell.stream() == StreamKind.BACKGROUND) {
                source.enable("background-snapshot");
            } else {
                // A running one may dirty more than QEMU sends compressed and encrypted, and would never be done.
                source.stop();
            }
            if (cell.stream() == StreamKind.MULTIFD && cell.version() != QemuVersion.V7_2) {
                source.set("zero-page-detection", cell.zeroPages().qemuName());
            }
            source.migrate(reception.uri());
            reception.awaitCompleted();
            source.awaitMigration("completed");
            try (ImageMemory memory = ImageMemory.load(image)) {
                GUEST.requireConsistent(memory.ram());
                if (cell.stream() == StreamKind.BACKGROUND) {
                    GUEST.awaitNextRound(source);
                } else {
                    GuestRam.requireSame(source.ram(), memory.ram());
                }
            }
        }
    }

    private void send(MatrixCell cell) throws Exception {
        Path image = image(cell);
        Qemu.Builder waiting = qemu(cell).incoming().paused();
        try (Qemu destination = start(cell, waiting, "server");
                ImageMemory memory = ImageMemory.load(image)) {
            Replay.send(image, destination.migrateIncoming(place(cell)), parameters(cell));
            destination.awaitRunState("paused");
            GuestRam.requireSame(memory.ram(), destination.ram());
            GUEST.requireGoesOn(destination);
        }
    }

    private Qemu.Builder qemu(MatrixCell cell) {
        return Qemu.of(cell.version(), folder).machine(cell.machineType()).guest(GUEST);
    }

    /** A guest of that version and machine type, received once. */
    private Path image(MatrixCell cell) throws Exception {
        Path image = shared.resolve("image-" + cell.version().number() + "-" + cell.machineType());
        if (Files.notExists(image)) {
            try (Qemu source = qemu(cell).start()) {
                GUEST.awaitRunning(source);
                Reception.take(source, image, MigrationParameters.defaults());
            }
        }
        return image;
    }

    private String place(MatrixCell cell) {
        return switch (cell.transport()) {
            case IPV4 -> "tcp:127.0.0.1:0";
            case IPV6 -> "tcp:[::1]:0";
            case UNIX -> "unix:" + folder.resolve("socket");
        };
    }

    private static Qemu start(MatrixCell cell, Qemu.Builder builder, String endpoint) throws Exception {
        Qemu qemu = switch (cell.tls()) {
            case NONE -> builder.start();
            case X509 ->
                TlsQemus.start(TlsQemus.x509(builder, folders.defaultHost(), endpoint, ",verify-peer=on"))
                        .set("tls-hostname", HOST);
            case PSK -> TlsQemus.start(TlsQemus.psk(builder, folders.psk(), endpoint, ""));
        };
        if (cell.stream() != StreamKind.MULTIFD) {
            return qemu;
        }
        return qemu.enable("multifd")
                .set("multifd-channels", cell.channels())
                .set("multifd-compression", cell.codec().qemuName());
    }

    private static MigrationParameters parameters(MatrixCell cell) {
        MigrationParameters.Builder builder =
                MigrationParameters.builder().multifdChannels(cell.channels()).compression(cell.codec());
        if (cell.stream() != StreamKind.MULTIFD && cell.direction() == MatrixCell.Direction.PAGEFERRY_SENDS) {
            builder.disable(MigrationCapability.MULTIFD);
        } else if (cell.direction() == MatrixCell.Direction.PAGEFERRY_SENDS) {
            builder.zeroPageDetection(cell.zeroPages());
        }
        return switch (cell.tls()) {
            case NONE -> builder.build();
            case X509 ->
                builder.tls(TlsSettings.of(folders.defaultHost()).withHostname(HOST))
                        .build();
            case PSK -> builder.tls(TlsSettings.of(folders.psk())).build();
        };
    }
}
