package io.pageferry.config;

/** A setting that a user gave cannot be used. The message is the rule, then the values. */
public final class ConfigException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    public ConfigException(String message) {
        super(message);
    }
}
