package io.pageferry.stream;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;

/**
 * The configuration section: what a source says of itself before anything else (QEMU's {@code vmstate_configuration}).
 *
 * @param machineType the machine type's full name, such as {@code pc-i440fx-10.0}
 * @param targetPageBits the page size's logarithm, where the target's page size can vary
 * @param capabilities those that both ends must have alike; only {@code mapped-ram} and {@code x-ignore-shared} are
 *     ever here, and in images of ours {@link #DEVICE_STATE}
 * @param uuid the guest's uuid, where the source has {@code validate-uuid}
 */
public record Configuration(
        MachineType machineType, OptionalInt targetPageBits, List<String> capabilities, Optional<UUID> uuid) {

    public static final String MAPPED_RAM = "mapped-ram";
    public static final String IGNORE_SHARED = "x-ignore-shared";

    /**
     * Of images only, and of our own making: device state that came beside RAM is behind the vmdescription. A QEMU does
     * not know it and says so, instead of starting a guest whose devices have lost their state.
     */
    public static final String DEVICE_STATE = "x-multifd-device-state";

    /**
     * Of images only, and of our own making: the guest's machine type is so old (up to 2.3) that its streams have
     * neither a configuration nor footers. No QEMU that reads images knows such machine types.
     */
    public static final String ABSENT = "x-no-configuration";

    private static final String NO_MACHINE_TYPE = "none";

    /** QEMU's names are a tenth of this. */
    private static final int MAX_MACHINE_TYPE_BYTES = 255;

    /** QEMU has fewer than 40 capabilities in all. */
    private static final int MAX_CAPABILITIES = 64;

    private static final String PAGE_BITS_SUBSECTION = "configuration/target-page-bits";
    private static final String CAPABILITIES_SUBSECTION = "configuration/capabilities";
    private static final String UUID_SUBSECTION = "configuration/uuid";
    private static final int SUBSECTION_VERSION = 1;

    /** The last ones whose streams begin with RAM. */
    private static final MachineVersion WITHOUT_CONFIGURATION = new MachineVersion(2, 3);

    public Configuration {
        capabilities = List.copyOf(capabilities);
    }

    /** One of a guest of ours. */
    public static Configuration of(String machineType) {
        return new Configuration(new MachineType(machineType), OptionalInt.empty(), List.of(), Optional.empty());
    }

    /** That of a guest whose stream has none. */
    public static Configuration absent() {
        return new Configuration(
                new MachineType(NO_MACHINE_TYPE), OptionalInt.empty(), List.of(ABSENT), Optional.empty());
    }

    /** What is known of its QEMU: the name of its machine type says it, or that it has none, as types up to 2.3. */
    public Dialect dialect() {
        return isPresent() ? machineType.dialect() : WITHOUT_CONFIGURATION.dialect();
    }

    /** Whether the guest's streams have a configuration, and footers behind their sections. */
    public boolean isPresent() {
        return !hasCapability(ABSENT);
    }

    /** Reads a configuration section after its type byte. */
    public static Configuration read(StreamInput in) throws IOException {
        int length = in.u32("length of the machine type");
        if (length < 1 || length > MAX_MACHINE_TYPE_BYTES) {
            throw new StreamException("machine type's name must be 1 to " + MAX_MACHINE_TYPE_BYTES + " bytes: length="
                    + Integer.toUnsignedString(length));
        }
        byte[] name = in.bytes(length, "machine type");
        StreamInput.requirePrintable(name, "machine type");

        OptionalInt pageBits = OptionalInt.empty();
        List<String> capabilities = List.of();
        Optional<UUID> uuid = Optional.empty();
        while (in.peek("section type") == SectionType.SUBSECTION) {
            in.u8("section type");
            String subsection = in.countedString("subsection's name");
            int version = in.u32("subsection's version");
            if (version != SUBSECTION_VERSION) {
                throw new StreamException("configuration subsection's version must be " + SUBSECTION_VERSION
                        + ": subsection=" + subsection + " version=" + Integer.toUnsignedString(version));
            }
            switch (subsection) {
                case PAGE_BITS_SUBSECTION -> pageBits = OptionalInt.of(readPageBits(in));
                case CAPABILITIES_SUBSECTION -> capabilities = readCapabilities(in);
                case UUID_SUBSECTION -> uuid = Optional.of(new UUID(in.u64("uuid"), in.u64("uuid")));
                default ->
                    throw new StreamException("configuration subsection must be a known one: subsection=" + subsection);
            }
        }
        return new Configuration(
                new MachineType(new String(name, StandardCharsets.US_ASCII)), pageBits, capabilities, uuid);
    }

    private static int readPageBits(StreamInput in) throws IOException {
        int bits = in.u32("target page bits");
        if (bits < 10 || bits > 16) {
            throw new StreamException("target page bits must be 10 to 16: value=" + Integer.toUnsignedString(bits));
        }
        return bits;
    }

    private static List<String> readCapabilities(StreamInput in) throws IOException {
        int count = in.u32("count of capabilities");
        if (count < 0 || count > MAX_CAPABILITIES) {
            throw new StreamException("configuration must have " + MAX_CAPABILITIES
                    + " capabilities at the most: count=" + Integer.toUnsignedString(count));
        }
        List<String> capabilities = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            capabilities.add(in.countedString("capability's name"));
        }
        return capabilities;
    }

    /** Writes a configuration section with its type byte. */
    public void write(StreamOutput out) throws IOException {
        byte[] name = machineType.name().getBytes(StandardCharsets.US_ASCII);
        out.u8(SectionType.CONFIGURATION).u32(name.length).bytes(name);
        if (targetPageBits.isPresent()) {
            beginSubsection(out, PAGE_BITS_SUBSECTION).u32(targetPageBits.getAsInt());
        }
        if (!capabilities.isEmpty()) {
            beginSubsection(out, CAPABILITIES_SUBSECTION).u32(capabilities.size());
            for (String capability : capabilities) {
                out.countedString(capability);
            }
        }
        if (uuid.isPresent()) {
            beginSubsection(out, UUID_SUBSECTION)
                    .u64(uuid.get().getMostSignificantBits())
                    .u64(uuid.get().getLeastSignificantBits());
        }
    }

    private static StreamOutput beginSubsection(StreamOutput out, String name) throws IOException {
        return out.u8(SectionType.SUBSECTION).countedString(name).u32(SUBSECTION_VERSION);
    }

    /** The guest's page size: what the stream says, or that of the machine type where it says nothing. */
    public int pageSizeBytes() {
        return targetPageBits.isPresent() ? 1 << targetPageBits.getAsInt() : machineType.pageSizeBytes();
    }

    /** Whether that page size is certain, and not only that of nearly all machines. */
    public boolean isPageSizeKnown() {
        return targetPageBits.isPresent() || machineType.isPageSizeKnown();
    }

    /**
     * The guest's page size where a user may have set it, since the stream says nothing.
     *
     * @throws StreamException where the stream says something else
     */
    public int pageSizeBytes(OptionalInt set) throws StreamException {
        if (set.isPresent() && targetPageBits.isPresent() && set.getAsInt() != pageSizeBytes()) {
            throw new StreamException("page size must be the one that the source says, do not set it: page-size="
                    + set.getAsInt() + " said=" + pageSizeBytes());
        }
        return set.orElse(pageSizeBytes());
    }

    /** The same of a guest with this uuid. */
    public Configuration withUuid(UUID newUuid) {
        return new Configuration(machineType, targetPageBits, capabilities, Optional.of(newUuid));
    }

    public boolean hasCapability(String name) {
        return capabilities.contains(name);
    }

    /** The same for an image, or with {@code false} for a wire. Both ends of QEMU compare this capability. */
    public Configuration withMappedRam(boolean mappedRam) {
        return with(MAPPED_RAM, mappedRam).with(DEVICE_STATE, mappedRam && hasCapability(DEVICE_STATE));
    }

    /** The same for an image that has device state beside RAM, or has not. */
    public Configuration withDeviceState(boolean deviceState) {
        return with(DEVICE_STATE, deviceState);
    }

    private Configuration with(String capability, boolean on) {
        if (on == hasCapability(capability)) {
            return this;
        }
        List<String> changed = new ArrayList<>(capabilities);
        if (on) {
            changed.add(capability);
        } else {
            changed.remove(capability);
        }
        return new Configuration(machineType, targetPageBits, changed, uuid);
    }
}
