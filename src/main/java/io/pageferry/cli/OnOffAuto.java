package io.pageferry.cli;

import io.pageferry.config.ConfigException;
import java.util.Optional;

/** QEMU's words for yes, no, and what is right. */
enum OnOffAuto {
    ON,
    OFF,
    AUTO;

    static OnOffAuto parse(String value) {
        return switch (value) {
            case "on" -> ON;
            case "off" -> OFF;
            case "auto" -> AUTO;
            default -> throw new ConfigException("value must be on, off or auto: value=" + value);
        };
    }

    /** Yes or no; empty for what is right. */
    Optional<Boolean> value() {
        return this == AUTO ? Optional.empty() : Optional.of(this == ON);
    }
}
