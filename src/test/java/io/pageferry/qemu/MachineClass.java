package io.pageferry.qemu;

import java.util.Map;
import java.util.Optional;

/** Machine types that have one dialect of the wire in common, each the newest of its class that a QEMU has. */
enum MachineClass {
    /** A sync a section. */
    TO_8_0("up to 8.0", Map.of(QemuVersion.V7_2, "7.2", QemuVersion.V10_0, "8.0", QemuVersion.V11_1, "8.0")),
    /** A sync a round; zero pages on the main channel where nobody says otherwise. */
    TO_8_2("8.1, 8.2", Map.of(QemuVersion.V10_0, "8.2", QemuVersion.V11_1, "8.2")),
    /** Zero pages in packets; no SWITCHOVER_START yet, and no clean end of TLS. */
    TO_9_2("9.0 to 9.2", Map.of(QemuVersion.V10_0, "9.2", QemuVersion.V11_1, "9.2")),
    /** One SWITCHOVER_ACK, where the source asks for it. */
    TO_11_0("10.0 to 11.0", Map.of(QemuVersion.V10_0, "10.0", QemuVersion.V11_1, "11.0")),
    /** A SWITCHOVER_ACK only where a device asks for it. */
    FROM_11_1("11.1", Map.of(QemuVersion.V11_1, "11.1"));

    private final String title;
    private final Map<QemuVersion, String> numbers;

    MachineClass(String title, Map<QemuVersion, String> numbers) {
        this.title = title;
        this.numbers = numbers;
    }

    /** Which versions it has, in words. */
    String title() {
        return title;
    }

    /** The machine type that stands for it; nothing where that QEMU has none. */
    Optional<String> machine(QemuVersion version) {
        return Optional.ofNullable(numbers.get(version)).map(number -> "pc-i440fx-" + number);
    }
}
