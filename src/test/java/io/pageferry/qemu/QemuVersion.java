package io.pageferry.qemu;

/** The QEMUs that tests run: each speaks a dialect of the wire. */
public enum QemuVersion {
    /** Zero pages go through the main channel, every section is synced, SYNC comes along with pages. */
    V7_2("7.2"),
    /** Zero pages are listed in packets, every round is synced, images can be loaded and saved. */
    V10_0("10.0"),
    /** Takes a SWITCHOVER_ACK too many for a fault. What Debian's sid has: a newer one, once it has moved on. */
    V11_1("11.1");

    private final String number;

    QemuVersion(String number) {
        this.number = number;
    }

    /** Such as {@code 10.0}. */
    public String number() {
        return number;
    }

    static QemuVersion of(String number) {
        for (QemuVersion version : values()) {
            if (version.number.equals(number)) {
                return version;
            }
        }
        throw new IllegalArgumentException("no such QEMU here: version=" + number);
    }

    @Override
    public String toString() {
        return "QEMU " + number;
    }
}
