package io.pageferry.cli;

/** QEMU's words for yes and no. An option of this type takes them as they are: to picocli a boolean one is a flag, which turns "on" into "true" first. */
enum OnOff {
    ON,
    OFF
}
