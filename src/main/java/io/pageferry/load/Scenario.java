package io.pageferry.load;

import io.pageferry.config.ConfigException;
import io.pageferry.config.MigrationCapability;
import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MultifdCompression;
import io.pageferry.config.TlsSettings;
import io.pageferry.guest.GuestShape;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * One load, with every setting said. Immutable.
 *
 * @param name what it is called in a report: short, and without blanks, as it becomes part of files' names and of tags
 * @param values every setting's, as it was written
 */
public record Scenario(String name, Map<Setting, String> values) {
    /** With a metric and an ending it is still a file's name, of 255 letters at the most. */
    private static final int MAX_NAME_LENGTH = 200;

    public Scenario {
        if (name.length() > MAX_NAME_LENGTH) {
            throw new ConfigException(
                    "scenario's name must have at most " + MAX_NAME_LENGTH + " letters: name=" + name);
        }
        if (!name.matches("[A-Za-z0-9][A-Za-z0-9._=+-]*")) {
            throw new ConfigException(
                    "scenario's name must be of letters, digits, '.', '_', '=', '+' and '-': name=" + name);
        }
        EnumMap<Setting, String> all = new EnumMap<>(Setting.class);
        for (Setting setting : Setting.values()) {
            String value = values.getOrDefault(setting, setting.standard());
            setting.read(value);
            all.put(setting, value);
        }
        values = Map.copyOf(all);
        requireFitting(values);
    }

    private static void requireFitting(Map<Setting, String> values) {
        long size = (long) Setting.SIZE.read(values.get(Setting.SIZE));
        long guests = (long) Setting.GUESTS.read(values.get(Setting.GUESTS));
        if (size > Long.MAX_VALUE / guests) {
            throw new ConfigException("guests must fit an address space: size=" + size + " guests=" + guests);
        }
        boolean toPageferry = values.get(Setting.TARGET).equals("pageferry");
        String destination = values.get(Setting.DESTINATION);
        if (!toPageferry && !destination.equals("memory")) {
            throw new ConfigException("destination must be memory where the target is no pageferry: target="
                    + values.get(Setting.TARGET) + " destination=" + destination);
        }
        boolean encoded = !values.get(Setting.MULTIFD_COMPRESSION).equals("none")
                || !values.get(Setting.TLS).equals("off");
        if (encoded && values.get(Setting.ZERO_COPY_SEND).equals("on")) {
            throw new ConfigException("zero-copy-send must be without compression and TLS: multifd-compression="
                    + values.get(Setting.MULTIFD_COMPRESSION) + " tls=" + values.get(Setting.TLS));
        }
    }

    public String text(Setting setting) {
        return values.get(setting);
    }

    public int number(Setting setting) {
        return Math.toIntExact((long) setting.read(text(setting)));
    }

    public long size(Setting setting) {
        return (long) setting.read(text(setting));
    }

    public double fraction(Setting setting) {
        return (double) setting.read(text(setting));
    }

    public Duration time(Setting setting) {
        return (Duration) setting.read(text(setting));
    }

    public boolean is(Setting setting, String value) {
        return text(setting).equals(value);
    }

    /** The RAM of all guests that it has at a time. */
    public long guestBytes() {
        return size(Setting.SIZE) * number(Setting.GUESTS);
    }

    /**
     * What its guests take at a time where they go to, a page cache included. Memory that is kept warm is there
     * already, but the first time.
     */
    public long arrivingBytes() {
        boolean nothingNew = is(Setting.TARGET, "sink")
                || is(Setting.DESTINATION, "image-direct")
                || is(Setting.DESTINATION, "memory-warm");
        return nothingNew ? 0 : guestBytes();
    }

    /** One of its guests; each has random bytes of its own. */
    public GuestShape guest(int index) {
        return new GuestShape(
                size(Setting.SIZE),
                size(Setting.DIRTY_RATE),
                fraction(Setting.ZERO_SHARE),
                fraction(Setting.COMPRESSIBILITY),
                size(Setting.SEED) + index,
                size(Setting.WORKING_SET));
    }

    /** The image whose pages its guests have, where they have such. */
    public Optional<Path> contents() {
        return is(Setting.CONTENTS, "random") ? Optional.empty() : Optional.of(Path.of(text(Setting.CONTENTS)));
    }

    /** The same but for a few settings. */
    public Scenario with(String newName, Map<Setting, String> changes) {
        Map<Setting, String> changed = new EnumMap<>(values);
        changed.putAll(changes);
        return new Scenario(newName, changed);
    }

    /**
     * The parameters of each of its migrations.
     *
     * @param credentials the folder with what TLS needs, where there is TLS
     */
    public MigrationParameters parameters(Optional<Path> credentials) {
        MigrationParameters.Builder builder = MigrationParameters.builder()
                .multifdChannels(number(Setting.MULTIFD_CHANNELS))
                .compression(MultifdCompression.valueOf(
                        text(Setting.MULTIFD_COMPRESSION).toUpperCase(Locale.ROOT)))
                .maxBandwidth(size(Setting.MAX_BANDWIDTH))
                .downtimeLimit(time(Setting.DOWNTIME_LIMIT))
                .directIo(is(Setting.DESTINATION, "image-direct"));
        switch (text(Setting.MULTIFD_COMPRESSION)) {
            case "zlib" -> builder.zlibLevel(number(Setting.COMPRESSION_LEVEL));
            case "zstd" -> builder.zstdLevel(number(Setting.COMPRESSION_LEVEL));
            case "qatzip" -> builder.qatzipLevel(number(Setting.COMPRESSION_LEVEL));
            default -> {}
        }
        if (is(Setting.ZERO_COPY_SEND, "on")) {
            builder.enable(MigrationCapability.ZERO_COPY_SEND);
        }
        credentials.ifPresent(folder -> builder.tls(TlsSettings.of(folder)));
        return builder.build();
    }
}
