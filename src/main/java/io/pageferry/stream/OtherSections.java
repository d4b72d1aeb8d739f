package io.pageferry.stream;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/**
 * Reads sections that are not RAM's and stand before its end, or between its end and the device sections. A section has
 * no length, so each kind is read by what is known of it; only where it ends matters, and that what it says of its
 * length can be. Belongs to one thread.
 */
final class OtherSections {
    private static final int MAX_SECTIONS = 4096;

    /** {@code 2 ^ 20} blocks of a device: many times what QEMU's largest has. */
    private static final long MAX_VIRTIO_MEM_WORDS = (1L << 40) / Long.SIZE;

    private static final int NO_HASH_TABLE = 0xffffffff;

    private static final int BITMAP_EOS = 0x01;
    private static final int BITMAP_ZEROES = 0x02;
    private static final int BITMAP_NAME = 0x04;
    private static final int BITMAP_NODE = 0x08;
    private static final int BITMAP_START = 0x10;
    private static final int BITMAP_COMPLETE = 0x20;
    private static final int BITMAP_BITS = 0x40;
    private static final int BITMAP_KINDS = BITMAP_EOS | BITMAP_START | BITMAP_COMPLETE | BITMAP_BITS;
    private static final int BITMAP_EXTRA_FLAGS = 0x80;

    private static final int ATTRIBUTES_EOS = 0x01;
    private static final int ATTRIBUTES_MORE = 0x02;
    private static final int ATTRIBUTES_DONE = 0x08;
    private static final long ATTRIBUTES_FLAGS = 0xfff;

    private final Map<Integer, Section> begun = new HashMap<>();

    /** Whether a START or FULL section can be read here. */
    static boolean isKnown(int type, Section section) {
        return type == SectionType.SECTION_FULL
                ? isEarly(section)
                : switch (section.idstr()) {
                    case "dirty-bitmap", "pbs-state", "spapr/htab", "s390-storage_attributes" -> true;
                    default -> false;
                };
    }

    private static boolean isEarly(Section section) {
        return section.idstr().endsWith("virtio-mem-device-early");
    }

    /** Reads the payload of a START or FULL section that is {@linkplain #isKnown known}. */
    void readStart(StreamInput in, int type, Section section) throws IOException {
        if (type == SectionType.SECTION_FULL) {
            readVirtioMem(in, section);
            return;
        }
        if (begun.size() == MAX_SECTIONS || begun.putIfAbsent(section.id(), section) != null) {
            throw new StreamException("section must begin once, and there must be " + MAX_SECTIONS
                    + " at the most: section=" + section.idstr() + " id=" + Integer.toUnsignedString(section.id()));
        }
        switch (section.idstr()) {
            case "pbs-state" -> in.skip(length(in, "pbs-state's length", section), "pbs-state");
            case "spapr/htab" -> in.u32("hash table's shift");
            default -> readChunks(in, section);
        }
    }

    /** Reads the payload of a PART or END section. */
    Section readNext(StreamInput in, int id) throws IOException {
        Section section = begun.get(id);
        if (section == null) {
            throw new StreamException(
                    "section's part must belong to a section that was begun: id=" + Integer.toUnsignedString(id));
        }
        switch (section.idstr()) {
            case "pbs-state" -> {
                // All that it has comes when it begins.
            }
            case "spapr/htab" -> readHashTable(in, section);
            default -> readChunks(in, section);
        }
        return section;
    }

    private static void readChunks(StreamInput in, Section section) throws IOException {
        if (section.idstr().equals("dirty-bitmap")) {
            readDirtyBitmaps(in, section);
        } else {
            readStorageAttributes(in, section);
        }
    }

    /** Addresses and sizes of the device, and a bit a block: which are plugged. */
    private static void readVirtioMem(StreamInput in, Section section) throws IOException {
        in.u64("virtio-mem's address");
        long regionBytes = in.u64("virtio-mem's region size");
        long blockBytes = in.u64("virtio-mem's block size");
        in.u32("virtio-mem's node");
        long pluggedBytes = in.u64("virtio-mem's size");
        if (regionBytes <= 0 || blockBytes <= 0 || Long.divideUnsigned(regionBytes, blockBytes) == 0) {
            throw new StreamException("virtio-mem's region must be of whole blocks: section=" + section.idstr()
                    + " region=" + Long.toUnsignedString(regionBytes) + " block="
                    + Long.toUnsignedString(blockBytes));
        }
        long words = Math.ceilDiv(Math.ceilDiv(regionBytes, blockBytes), Long.SIZE);
        if (words > MAX_VIRTIO_MEM_WORDS) {
            throw new StreamException("virtio-mem must not have more blocks than can be: section=" + section.idstr()
                    + " region=" + regionBytes + " block=" + blockBytes);
        }
        long plugged = 0;
        for (long word = 0; word < words; word++) {
            plugged += Long.bitCount(in.u64("virtio-mem's bitmap"));
        }
        if (plugged * blockBytes != pluggedBytes) {
            throw new StreamException("virtio-mem's bitmap must be of its size: section=" + section.idstr()
                    + " plugged=" + plugged + " block=" + blockBytes + " size="
                    + Long.toUnsignedString(pluggedBytes));
        }
    }

    private static void readDirtyBitmaps(StreamInput in, Section section) throws IOException {
        int flags;
        do {
            flags = in.u8("dirty bitmap's flags");
            if ((flags & BITMAP_EXTRA_FLAGS) != 0) {
                throw new StreamException("dirty bitmap's flags must be of one byte: section=" + section.idstr()
                        + " flags=0x" + Integer.toHexString(flags) + " position=" + in.position());
            }
            if (Integer.bitCount(flags & BITMAP_KINDS) != 1) {
                throw new StreamException("dirty bitmap's chunk must be of one kind: section=" + section.idstr()
                        + " flags=0x" + Integer.toHexString(flags) + " position=" + in.position());
            }
            if ((flags & BITMAP_NODE) != 0) {
                in.skip(in.u8("length of a dirty bitmap's node"), "dirty bitmap's node");
            }
            if ((flags & BITMAP_NAME) != 0) {
                in.skip(in.u8("length of a dirty bitmap's name"), "dirty bitmap's name");
            }
            if ((flags & BITMAP_START) != 0) {
                in.u32("dirty bitmap's granularity");
                in.u8("dirty bitmap's flags");
            }
            if ((flags & BITMAP_BITS) != 0) {
                in.u64("dirty bitmap's sector");
                in.u32("dirty bitmap's count of sectors");
                if ((flags & BITMAP_ZEROES) == 0) {
                    in.skip(length(in, "length of a dirty bitmap's bits", section), "dirty bitmap's bits");
                }
            }
        } while ((flags & BITMAP_EOS) == 0);
    }

    /** Entries of the guest's page table, index by index, up to a chunk of none. */
    private static void readHashTable(StreamInput in, Section section) throws IOException {
        int shift = in.u32("hash table's shift");
        if (shift == NO_HASH_TABLE) {
            return;
        }
        if (shift != 0) {
            throw new StreamException("hash table's part must not have a shift: section=" + section.idstr() + " shift="
                    + Integer.toUnsignedString(shift) + " position=" + in.position());
        }
        int index;
        int valid;
        int invalid;
        do {
            index = in.u32("hash table's index");
            valid = in.u16("hash table's valid entries");
            invalid = in.u16("hash table's invalid entries");
            in.skip(2L * Long.BYTES * valid, "hash table's entries");
        } while (index != 0 || valid != 0 || invalid != 0);
    }

    private static void readStorageAttributes(StreamInput in, Section section) throws IOException {
        while (true) {
            int flags = (int) (in.u64("storage attributes' address") & ATTRIBUTES_FLAGS);
            switch (flags) {
                case ATTRIBUTES_MORE -> in.skip(length(in, "storage attributes' count", section), "storage attributes");
                case ATTRIBUTES_DONE -> {
                    // EOS follows.
                }
                case ATTRIBUTES_EOS -> {
                    return;
                }
                default ->
                    throw new StreamException("storage attributes' flags must be known: section=" + section.idstr()
                            + " flags=0x" + Integer.toHexString(flags) + " position=" + in.position());
            }
        }
    }

    private static long length(StreamInput in, String what, Section section) throws IOException {
        long length = in.u64(what);
        if (length < 0) {
            throw new StreamException(what + " must be less than 2^63: section=" + section.idstr() + " length="
                    + Long.toUnsignedString(length) + " position=" + in.position());
        }
        return length;
    }
}
