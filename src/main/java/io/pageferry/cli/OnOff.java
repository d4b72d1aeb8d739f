package io.pageferry.cli;

import io.pageferry.config.ConfigException;

/**
 * QEMU's words for yes and no. An option of this type takes them as they are: to picocli a boolean one is a flag, which
 * turns "on" into "true" first.
 */
enum OnOff {
    ON,
    OFF;

    static OnOff parse(String value) {
        return switch (value) {
            case "on" -> ON;
            case "off" -> OFF;
            default -> throw new ConfigException("value must be on or off: value=" + value);
        };
    }
}
