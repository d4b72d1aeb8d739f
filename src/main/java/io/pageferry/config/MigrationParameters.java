package io.pageferry.config;

import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The parameters of one migration, under QEMU's names where QEMU has one.
 *
 * @param multifdChannels how many multifd channels there are beside the main one, 1 to 255; both ends must be told the
 *     same, unless a source may have fewer
 * @param fewerChannels whether a source that comes in may have any number of channels up to that one
 * @param maxBandwidth the most that a sender may send, in bytes a second; 0 means no limit
 * @param downtimeLimit how long a live guest may stand still at the end
 * @param stallTimeout how long a peer that should say something may stay silent
 * @param connectWait how long a destination may take to listen before it is connected to
 * @param maxRam the largest guest that is taken in, in bytes; also the bound of everything that is sized by a guest's
 *     RAM
 * @param maxDeviceState the most device state that is taken in, of each kind, in bytes; empty: what suits the guest
 * @param directIo whether the RAM of an image is read and written past the page cache (O_DIRECT)
 * @param compression what is done to page data on the wire; both ends must be told the same
 * @param zlibLevel how much effort is made where that is zlib: 0 to 9
 * @param zstdLevel and where it is zstd: 0 to 20
 * @param qatzipLevel and where it is qatzip: 1 to 9
 * @param uadkRaw whether pages are sent as they are where it is uadk: a QEMU without that accelerator takes no others
 * @param zeroPageDetection how zero pages are found and sent; empty: as QEMU does for the guest's machine type
 * @param flushAfterEachSection QEMU's {@code multifd-flush-after-each-section}; empty: as the guest's machine type has
 *     it
 * @param pagesOnMainChannel whether a sender leaves its multifd channels without pages and sends these on the main
 *     channel: slower, and right whenever the destination waits for the channels
 * @param pageSize the guest's page size, where its stream does not say it; empty: as the guest's machine type has it
 * @param capabilities those that are on, of QEMU's that are not always on or always off here; multifd by default
 * @param tls how connections are protected; empty: not at all
 */
public record MigrationParameters(
        int multifdChannels,
        boolean fewerChannels,
        long maxBandwidth,
        Duration downtimeLimit,
        Duration stallTimeout,
        Duration connectWait,
        long maxRam,
        OptionalLong maxDeviceState,
        boolean directIo,
        MultifdCompression compression,
        int zlibLevel,
        int zstdLevel,
        int qatzipLevel,
        boolean uadkRaw,
        Optional<ZeroPageDetection> zeroPageDetection,
        Optional<Boolean> flushAfterEachSection,
        boolean pagesOnMainChannel,
        OptionalInt pageSize,
        Set<MigrationCapability> capabilities,
        Optional<TlsSettings> tls) {

    /** QEMU's default. */
    public static final int DEFAULT_MULTIFD_CHANNELS = 2;

    /** The wire has one byte for a channel's id; QEMU allows 1 to 255 channels. */
    public static final int MAX_MULTIFD_CHANNELS = 255;

    /** Of all targets that QEMU has, from old ARM cores to those with large pages. */
    private static final int MIN_PAGE_SIZE = 1024;

    private static final int MAX_PAGE_SIZE = 64 * 1024;

    /** QEMU's default, for all methods. */
    public static final int DEFAULT_COMPRESSION_LEVEL = 1;

    /** Pages as they are. */
    private static final int STORED = 0;

    public static final Duration DEFAULT_DOWNTIME_LIMIT = Duration.ofMillis(300);
    public static final Duration DEFAULT_STALL_TIMEOUT = Duration.ofSeconds(30);

    /** A guest of 1 TiB needs 32 MiB of bitmap: what a lying peer can make us allocate at the most. */
    public static final long DEFAULT_MAX_RAM = 1L << 40;

    /** It goes to disk, and is not held in memory; the largest devices there are have a tenth of this. */
    private static final long DEFAULT_MAX_DEVICE_STATE_BESIDE_RAM = 1L << 40;

    public MigrationParameters {
        if (multifdChannels < 1 || multifdChannels > MAX_MULTIFD_CHANNELS) {
            throw new ConfigException((fewerChannels ? "max-multifd-channels" : "multifd-channels")
                    + " must be 1 to 255: value=" + multifdChannels);
        }
        if (maxBandwidth < 0) {
            throw new ConfigException("max-bandwidth must not be negative: value=" + maxBandwidth);
        }
        if (downtimeLimit.isNegative() || downtimeLimit.compareTo(Duration.ofSeconds(2000)) > 0) {
            throw new ConfigException("downtime-limit must be 0 to 2000000 ms: value=" + downtimeLimit.toMillis());
        }
        if (connectWait.isNegative()) {
            throw new ConfigException("wait must not be negative: value=" + connectWait);
        }
        if (maxDeviceState.isPresent() && maxDeviceState.getAsLong() < 0) {
            throw new ConfigException("max-device-state must not be negative: value=" + maxDeviceState.getAsLong());
        }
        requireLevel("multifd-zlib-level", zlibLevel, 0, 9);
        requireLevel("multifd-zstd-level", zstdLevel, 0, 20);
        requireLevel("multifd-qatzip-level", qatzipLevel, 1, 9);
        pageSize.ifPresent(MigrationParameters::requirePageSize);
        capabilities = Set.copyOf(capabilities);
        requireFit(capabilities, compression);
        if (capabilities.contains(MigrationCapability.ZERO_COPY_SEND)
                && (compression != MultifdCompression.NONE || tls.isPresent())) {
            throw new ConfigException(
                    "Zero copy only available for non-compressed non-TLS multifd migration:" + " multifd-compression="
                            + compression.qemuName() + " tls-creds=" + (tls.isPresent() ? "set" : "none"));
        }
        if (maxRam < 1) {
            throw new ConfigException("max-ram must be above zero: value=" + maxRam);
        }
    }

    /** What only multifd channels can do. */
    private static void requireFit(Set<MigrationCapability> capabilities, MultifdCompression compression) {
        if (capabilities.contains(MigrationCapability.MULTIFD)) {
            return;
        }
        if (compression != MultifdCompression.NONE) {
            throw new ConfigException("multifd-compression must be none where multifd is off: multifd-compression="
                    + compression.qemuName());
        }
        if (capabilities.contains(MigrationCapability.ZERO_COPY_SEND)) {
            throw new ConfigException("zero-copy-send must be off where multifd is off: zero-copy-send=on");
        }
    }

    private static void requirePageSize(int value) {
        if (Integer.bitCount(value) != 1 || value < MIN_PAGE_SIZE || value > MAX_PAGE_SIZE) {
            throw new ConfigException("page-size must be a power of two from 1k to 64k: value=" + value);
        }
    }

    private static void requireLevel(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw new ConfigException(name + " must be " + least + " to " + most + ": value=" + value);
        }
    }

    /** The level that the compression method in use has; of no meaning where it has none. */
    public int compressionLevel() {
        return switch (compression) {
            case ZLIB -> zlibLevel;
            case ZSTD -> zstdLevel;
            case QATZIP -> qatzipLevel;
            case UADK -> uadkRaw ? STORED : DEFAULT_COMPRESSION_LEVEL;
            case NONE, QPL -> DEFAULT_COMPRESSION_LEVEL;
        };
    }

    /** How many threads read a file: where the number is open, no source has one. */
    public int fileChannels() {
        return fewerChannels ? DEFAULT_MULTIFD_CHANNELS : multifdChannels;
    }

    /** How many channels there are beside the main one: none without multifd. */
    public int channels() {
        return has(MigrationCapability.MULTIFD) ? multifdChannels : 0;
    }

    public boolean has(MigrationCapability capability) {
        return capabilities.contains(capability);
    }

    public static MigrationParameters defaults() {
        return builder().build();
    }

    public static Builder builder() {
        return new Builder();
    }

    /** How much device state may come beside RAM, in bytes. */
    public long maxDeviceStateBesideRam() {
        return maxDeviceState.orElse(DEFAULT_MAX_DEVICE_STATE_BESIDE_RAM);
    }

    /** Collects parameters; each starts with its default. Not shared between threads. */
    public static final class Builder {
        private int multifdChannels = DEFAULT_MULTIFD_CHANNELS;
        private boolean fewerChannels;
        private long maxBandwidth;
        private Duration downtimeLimit = DEFAULT_DOWNTIME_LIMIT;
        private Duration stallTimeout = DEFAULT_STALL_TIMEOUT;
        private Duration connectWait = Duration.ZERO;
        private long maxRam = DEFAULT_MAX_RAM;
        private OptionalLong maxDeviceState = OptionalLong.empty();
        private boolean directIo;
        private MultifdCompression compression = MultifdCompression.NONE;
        private int zlibLevel = DEFAULT_COMPRESSION_LEVEL;
        private int zstdLevel = DEFAULT_COMPRESSION_LEVEL;
        private int qatzipLevel = DEFAULT_COMPRESSION_LEVEL;
        private boolean uadkRaw;
        private Optional<ZeroPageDetection> zeroPageDetection = Optional.empty();
        private Optional<Boolean> flushAfterEachSection = Optional.empty();
        private boolean pagesOnMainChannel;
        private OptionalInt pageSize = OptionalInt.empty();
        private final Set<MigrationCapability> capabilities = EnumSet.of(MigrationCapability.MULTIFD);
        private Optional<TlsSettings> tls = Optional.empty();

        private Builder() {}

        /** So many, and no other number. */
        public Builder multifdChannels(int value) {
            multifdChannels = value;
            fewerChannels = false;
            return this;
        }

        /** Any number up to this one. */
        public Builder maxMultifdChannels(int value) {
            multifdChannels = value;
            fewerChannels = true;
            return this;
        }

        public Builder maxBandwidth(long bytesPerSecond) {
            maxBandwidth = bytesPerSecond;
            return this;
        }

        public Builder downtimeLimit(Duration value) {
            downtimeLimit = value;
            return this;
        }

        public Builder stallTimeout(Duration value) {
            stallTimeout = value;
            return this;
        }

        public Builder connectWait(Duration value) {
            connectWait = value;
            return this;
        }

        public Builder maxRam(long bytes) {
            maxRam = bytes;
            return this;
        }

        public Builder maxDeviceState(OptionalLong bytes) {
            maxDeviceState = bytes;
            return this;
        }

        public Builder maxDeviceState(long bytes) {
            maxDeviceState = OptionalLong.of(bytes);
            return this;
        }

        public Builder directIo(boolean value) {
            directIo = value;
            return this;
        }

        public Builder compression(MultifdCompression value) {
            compression = value;
            return this;
        }

        public Builder zlibLevel(int value) {
            zlibLevel = value;
            return this;
        }

        public Builder zstdLevel(int value) {
            zstdLevel = value;
            return this;
        }

        public Builder qatzipLevel(int value) {
            qatzipLevel = value;
            return this;
        }

        public Builder uadkRaw(boolean value) {
            uadkRaw = value;
            return this;
        }

        public Builder zeroPageDetection(ZeroPageDetection value) {
            zeroPageDetection = Optional.ofNullable(value);
            return this;
        }

        public Builder flushAfterEachSection(Boolean value) {
            flushAfterEachSection = Optional.ofNullable(value);
            return this;
        }

        public Builder pagesOnMainChannel(boolean value) {
            pagesOnMainChannel = value;
            return this;
        }

        /** Sets the page size in bytes, or null for what the guest's machine type has. */
        public Builder pageSize(Integer bytes) {
            pageSize = bytes == null ? OptionalInt.empty() : OptionalInt.of(bytes);
            return this;
        }

        /** Turns capabilities on. */
        public Builder enable(MigrationCapability... more) {
            capabilities.addAll(Arrays.asList(more));
            return this;
        }

        /** Turns capabilities off. */
        public Builder disable(MigrationCapability... some) {
            capabilities.removeAll(Set.of(some));
            return this;
        }

        public Builder tls(TlsSettings value) {
            tls = Optional.ofNullable(value);
            return this;
        }

        public MigrationParameters build() {
            return new MigrationParameters(
                    multifdChannels,
                    fewerChannels,
                    maxBandwidth,
                    downtimeLimit,
                    stallTimeout,
                    connectWait,
                    maxRam,
                    maxDeviceState,
                    directIo,
                    compression,
                    zlibLevel,
                    zstdLevel,
                    qatzipLevel,
                    uadkRaw,
                    zeroPageDetection,
                    flushAfterEachSection,
                    pagesOnMainChannel,
                    pageSize,
                    capabilities,
                    tls);
        }
    }
}
