package io.pageferry.qemu;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** Where the real QEMUs and the Linux guest are: the folder that {@code scripts/install-qemu} fills and prints. */
public final class QemuInstallation {
    /** The folder, where it is not the default one. */
    static final String FOLDER_VARIABLE = "PAGEFERRY_QEMU";

    /** Set to 1 where the tests must run, as in CI: then a missing QEMU is a failure. */
    static final String REQUIRE_VARIABLE = "PAGEFERRY_REQUIRE_QEMU";

    /** The folder of the QEMU with the codecs of accelerators, where it is not the default one. */
    private static final String CODECS_FOLDER_VARIABLE = "PAGEFERRY_QEMU_CODECS";

    /** Set to 1 where the tests of those codecs must run. */
    static final String REQUIRE_CODECS_VARIABLE = "PAGEFERRY_REQUIRE_QEMU_CODECS";

    private static final String INSTALL_COMMAND = "scripts/install-qemu";
    private static final String INSTALL_CODECS_COMMAND = "scripts/install-qemu-codecs";

    private QemuInstallation() {}

    static Path folder() {
        return variable(FOLDER_VARIABLE).map(Path::of).orElseGet(() -> cache("qemu"));
    }

    private static Path cache(String name) {
        return variable("PAGEFERRY_CACHE")
                .map(Path::of)
                .or(() -> variable("XDG_CACHE_HOME").map(cache -> Path.of(cache, "pageferry")))
                .orElseGet(() -> Path.of(System.getProperty("user.home"), ".cache", "pageferry"))
                .resolve(name);
    }

    static Path command(QemuVersion version, QemuTarget target) {
        return command(folder(), version, target);
    }

    private static Path command(Path folder, QemuVersion version, QemuTarget target) {
        return target.in(folder, version);
    }

    /** The QEMU with the codecs of accelerators, which {@code scripts/install-qemu-codecs} builds. */
    static Path commandWithCodecs(QemuTarget target) {
        Path installation = variable(CODECS_FOLDER_VARIABLE).map(Path::of).orElseGet(() -> cache("qemu-codecs/10.2"));
        return installation.resolve("bin").resolve(target.command());
    }

    /** All that must be there. */
    static Stream<Path> parts(Path folder) {
        Stream<Path> commands = Stream.of(QemuVersion.values())
                .flatMap(version -> Stream.of(QemuTarget.values()).map(target -> command(folder, version, target)));
        return Stream.concat(commands.distinct(), Stream.of(linux(folder, "vmlinuz")));
    }

    /** A part of the Linux guest: {@code vmlinuz}, {@code busybox}, {@code cpio}, {@code modules}. */
    static Path linux(String part) {
        return linux(folder(), part);
    }

    private static Path linux(Path folder, String part) {
        return folder.resolve("linux").resolve(part);
    }

    /** Why tests with QEMU cannot run here and what to do about it; empty where they can. */
    static Optional<String> problem() {
        return problem(folder());
    }

    static Optional<String> problem(Path folder) {
        return parts(folder)
                .filter(Files::notExists)
                .findFirst()
                .map(missing -> "needs real QEMUs, install them with " + INSTALL_COMMAND + ": missing=" + missing);
    }

    /** The same of the QEMU with the codecs of accelerators. */
    static Optional<String> problemWithCodecs() {
        return Optional.of(commandWithCodecs(QemuTarget.X86_64))
                .filter(Files::notExists)
                .map(missing -> "needs a QEMU with qpl and qatzip, build it with " + INSTALL_CODECS_COMMAND
                        + ": missing=" + missing);
    }

    /** Whether a variable of the environment says that something must be there. */
    static boolean isRequired(String requireVariable) {
        return variable(requireVariable).filter("1"::equals).isPresent();
    }

    private static Optional<String> variable(String name) {
        return Optional.ofNullable(System.getenv(name)).filter(value -> !value.isEmpty());
    }
}
