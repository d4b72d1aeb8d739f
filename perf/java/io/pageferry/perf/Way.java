package io.pageferry.perf;

import java.util.Arrays;
import java.util.List;

/** Who moves a guest to whom. */
enum Way {
    QEMU_TO_QEMU("qq", "QEMU -> QEMU"),
    QEMU_TO_PAGEFERRY("qp", "QEMU -> Pageferry"),
    PAGEFERRY_TO_QEMU("pq", "Pageferry -> QEMU"),
    PAGEFERRY_TO_PAGEFERRY("pp", "Pageferry -> Pageferry");

    private final String sign;
    private final String label;

    Way(String sign, String label) {
        this.sign = sign;
        this.label = label;
    }

    /** Those that have these signs, in their order here. */
    static List<Way> of(List<String> signs) {
        return Arrays.stream(values()).filter(way -> signs.contains(way.sign)).toList();
    }

    String label() {
        return label;
    }

    boolean isFromQemu() {
        return this == QEMU_TO_QEMU || this == QEMU_TO_PAGEFERRY;
    }

    boolean isToQemu() {
        return this == QEMU_TO_QEMU || this == PAGEFERRY_TO_QEMU;
    }
}
