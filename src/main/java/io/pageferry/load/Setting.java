package io.pageferry.load;

import io.pageferry.config.ByteSize;
import io.pageferry.config.ConfigException;
import io.pageferry.config.MigrationParameters;
import io.pageferry.config.TimeSpan;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** What a scenario can say: a name, as QEMU has it where QEMU has one, a default, and what a value must be like. */
public enum Setting {
    TARGET("target", "pageferry", oneOf("pageferry", "qemu", "sink"), "who takes the guests in"),
    DESTINATION(
            "destination",
            "memory",
            oneOf("memory", "memory-warm", "image", "image-direct"),
            "where a Pageferry puts them"),
    MULTIFD_CHANNELS(
            "multifd-channels", "2", whole(1, MigrationParameters.MAX_MULTIFD_CHANNELS), "beside the main channel"),
    MULTIFD_COMPRESSION(
            "multifd-compression",
            "none",
            oneOf("none", "zlib", "zstd", "qpl", "uadk", "qatzip"),
            "what is done to page data"),
    COMPRESSION_LEVEL("compression-level", "1", whole(0, 20), "of zlib, zstd or qatzip"),
    TLS("tls", "off", oneOf("off", "x509", "psk"), "with certificates or keys that are made for the run"),
    ZERO_COPY_SEND("zero-copy-send", "off", oneOf("off", "on"), "QEMU's capability"),
    MAX_BANDWIDTH("max-bandwidth", "0", ByteSize::parse, "bytes a second that a source may send; 0: no limit"),
    DOWNTIME_LIMIT("downtime-limit", "300ms", Setting::timeOrZero, "how long a guest may stand still"),

    SIZE("size", "256M", Setting::pages, "a guest's RAM"),
    DIRTY_RATE("dirty-rate", "0", ByteSize::parse, "bytes a second that a guest dirties"),
    WORKING_SET("working-set", "0", ByteSize::parse, "how much of its RAM it dirties; 0: all"),
    ZERO_SHARE("zero-share", "0", Setting::share, "share of its pages that is zero, 0 to 1"),
    COMPRESSIBILITY("compressibility", "0", Setting::share, "share of a page that repeats itself, 0 to 1"),
    CONTENTS("contents", "random", Setting::contents, "random bytes, or an image whose pages guests have"),
    SEED("seed", "1", whole(0, Long.MAX_VALUE), "of all that is random"),

    GUESTS("guests", "1", whole(1, 1_000), "guests at once, at most"),
    MIGRATIONS("migrations", "1", whole(1, 100_000), "migrations a turn"),
    ARRIVAL_RATE("arrival-rate", "0", Setting::rate, "migrations that are due a second; 0: all at once"),
    ARRIVALS("arrivals", "fixed", oneOf("fixed", "poisson"), "how they are spread"),

    LINK_LATENCY("link-latency", "0ms", Setting::timeOrZero, "of the link, one way"),
    LINK_LOSS("link-loss", "0", Setting::share, "share of packets that the link loses, 0 to 1"),
    LINK_RATE("link-rate", "0", Setting::linkRate, "bytes a second of the link, each way; 0: no limit"),

    PROCESSES("processes", "warm", oneOf("warm", "fresh"), "whether they stay from turn to turn, or are new in each"),
    WARM_UP("warm-up", "1", whole(0, 1_000), "turns that do not count, before those that do"),
    TURNS("turns", "7", whole(1, 10_000), "turns that count");

    private static final long PAGE = 4096;

    private final String key;
    private final String standard;
    private final Function<String, ?> reader;
    private final String meaning;

    Setting(String key, String standard, Function<String, ?> reader, String meaning) {
        this.key = key;
        this.standard = standard;
        this.reader = reader;
        this.meaning = meaning;
    }

    public String key() {
        return key;
    }

    /** What it is where a scenario does not say. */
    public String standard() {
        return standard;
    }

    /** A few words on it. */
    public String meaning() {
        return meaning;
    }

    static Setting of(String key) {
        return find(key)
                .orElseThrow(() -> new ConfigException("setting must be one of " + keys() + ": setting=" + key));
    }

    static Optional<Setting> find(String key) {
        return Arrays.stream(values())
                .filter(setting -> setting.key.equals(key))
                .findFirst();
    }

    private static String keys() {
        return String.join(", ", Arrays.stream(values()).map(Setting::key).toList());
    }

    /** Reads a value; one that is none is refused under the setting's name. */
    Object read(String value) {
        try {
            return reader.apply(value);
        } catch (ConfigException e) {
            throw new ConfigException(key + ": " + e.getMessage());
        } catch (NumberFormatException e) {
            throw new ConfigException(key + " must be a number: value=" + value);
        }
    }

    private static Function<String, String> oneOf(String... known) {
        return value -> {
            if (!List.of(known).contains(value)) {
                throw new ConfigException("must be one of " + String.join(", ", known) + ": value=" + value);
            }
            return value;
        };
    }

    private static Function<String, Long> whole(long least, long most) {
        return value -> {
            long number = Long.parseLong(value);
            if (number < least || number > most) {
                throw new ConfigException("must be " + least + " to " + most + ": value=" + value);
            }
            return number;
        };
    }

    /** {@code tc} is told bits a second. */
    private static long linkRate(String value) {
        long bytes = ByteSize.parse(value);
        if (bytes > Long.MAX_VALUE / Byte.SIZE) {
            throw new ConfigException("must be at most " + Long.MAX_VALUE / Byte.SIZE + ": value=" + value);
        }
        return bytes;
    }

    private static long pages(String value) {
        long bytes = ByteSize.parse(value);
        if (bytes < PAGE || bytes % PAGE != 0) {
            throw new ConfigException("must be whole pages of 4 KiB: value=" + value);
        }
        return bytes;
    }

    private static String contents(String value) {
        if (value.isEmpty()) {
            throw new ConfigException("must be random, or an image: value=" + value);
        }
        return value;
    }

    private static double share(String value) {
        double share = Double.parseDouble(value);
        if (!(share >= 0 && share <= 1)) {
            throw new ConfigException("must be 0 to 1: value=" + value);
        }
        return share;
    }

    private static double rate(String value) {
        double rate = Double.parseDouble(value);
        if (!(rate >= 0 && rate <= 1e6)) {
            throw new ConfigException("must be 0 to 1000000 a second: value=" + value);
        }
        return rate;
    }

    private static Duration timeOrZero(String value) {
        return value.matches("0(ms|s|m|h)?") ? Duration.ZERO : TimeSpan.parse(value);
    }
}
