package io.pageferry.qemu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What must be there for tests with QEMU to run; in CI its absence is a failure. */
@Timeout(60)
class QemuInstallationTest {
    @TempDir
    Path folder;

    @Test
    void shouldMissEachPartThatIsNotThere() throws IOException {
        List<Path> parts = QemuInstallation.parts(folder).toList();
        for (Path part : parts) {
            Files.createDirectories(part.getParent());
            Files.createFile(part);
        }
        assertEquals(Optional.empty(), QemuInstallation.problem(folder));
        for (Path part : parts) {
            Files.delete(part);
            assertEquals(
                    Optional.of("needs real QEMUs, install them with scripts/install-qemu: missing=" + part),
                    QemuInstallation.problem(folder));
            Files.createFile(part);
        }
    }

    private long partsIn(String name) {
        return QemuInstallation.parts(folder)
                .filter(part -> part.startsWith(folder.resolve(name)))
                .count();
    }

    @Test
    void shouldWantEachVersionForEachTarget() {
        for (QemuVersion version : QemuVersion.values()) {
            assertEquals(3, partsIn(version.number()));
        }
        assertEquals(2, partsIn("10.0-ppc-s390x"));
        assertEquals(
                List.of("7.2", "10.0", "11.1"),
                List.of(QemuVersion.values()).stream().map(QemuVersion::number).toList());
    }
}
