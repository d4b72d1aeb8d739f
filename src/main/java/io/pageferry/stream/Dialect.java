package io.pageferry.stream;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What is known of how a QEMU speaks and expects to be spoken to, which nothing on the wire says beforehand: some
 * {@linkplain WireProperty properties} are known to be on or off, the others are not known. Immutable.
 */
public final class Dialect {
    /** Of a guest of which nothing is known. */
    public static final Dialect UNKNOWN = new Dialect(Map.of());

    private final Map<WireProperty, Boolean> known;

    private Dialect(Map<WireProperty, Boolean> known) {
        this.known = known;
    }

    /** The same, and one property more. */
    public Dialect with(WireProperty property, boolean on) {
        Map<WireProperty, Boolean> more = new EnumMap<>(WireProperty.class);
        more.putAll(known);
        more.put(property, on);
        return new Dialect(more);
    }

    /** The same, where nothing was known of a property what another one knows of it. */
    public Dialect orElse(Dialect other) {
        Map<WireProperty, Boolean> both = new EnumMap<>(WireProperty.class);
        both.putAll(other.known);
        both.putAll(known);
        return new Dialect(both);
    }

    /** Whether a property is on; empty where that is not known. */
    public Optional<Boolean> get(WireProperty property) {
        return Optional.ofNullable(known.get(property));
    }

    /** Whether a property is known to be on. */
    public boolean has(WireProperty property) {
        return known.getOrDefault(property, false);
    }

    /** Those that are known, by QEMU's names. */
    public Map<String, Boolean> byName() {
        Map<String, Boolean> names = new TreeMap<>();
        known.forEach((property, on) -> names.put(property.qemuName(), on));
        return names;
    }

    public boolean isUnknown() {
        return known.isEmpty();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Dialect dialect && known.equals(dialect.known);
    }

    @Override
    public int hashCode() {
        return known.hashCode();
    }

    /** Such as <code>{multifd-flush-after-each-section=true}</code>. */
    @Override
    public String toString() {
        return byName().toString();
    }
}
