package io.pageferry.image;

import io.pageferry.stream.ByteSource;
import io.pageferry.stream.Configuration;
import io.pageferry.stream.MainStreamReader;
import io.pageferry.stream.SectionType;
import io.pageferry.stream.StreamException;
import io.pageferry.stream.StreamInput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * What a file is, told by its first bytes: for errors that say what somebody took for an image. Immutable.
 *
 * <p>Where the magics are from: qcow2, VMDK, VDI, VHDX, VHD, QED and LUKS from their specifications, as are ELF, gzip
 * (RFC 1952), zstd (RFC 8878), xz, bzip2, lzop and LZ4; partition tables from UEFI's; the Linux kernel's from its boot
 * protocol; kdump's from makedumpfile; libvirt's from its {@code src/qemu/qemu_saveimage.h}; QEMU's from its streams.
 *
 * @param kind which one it is
 * @param words the same for people, with what else its first bytes say
 */
public record FileFormat(Kind kind, String words) {
    /** The kinds of file that are told apart. */
    public enum Kind {
        /** An image. */
        MAPPED_RAM,
        /** A migration stream of QEMU that has its pages among its records: no image. */
        PLAIN_STREAM,
        /** A migration stream that cannot be read far enough to say which. */
        DAMAGED_STREAM,
        /** What libvirt's {@code save} and {@code managedsave} write, with a stream or an image inside. */
        LIBVIRT_SAVE,
        /** The same, and not finished. */
        LIBVIRT_UNFINISHED,
        COMPRESSED,
        DISK,
        ELF,
        KDUMP,
        KERNEL,
        ZEROS,
        EMPTY,
        UNKNOWN
    }

    /** As much as is looked at: a configuration section is shorter, and so is what stands before it. */
    public static final int HEAD_BYTES = 4096;

    private static final int PARTITIONS_SIGNATURE_POSITION = 510;
    private static final int GPT_POSITION = 512;
    private static final int KERNEL_POSITION = 514;
    private static final int ELF_TYPE_POSITION = 16;
    private static final int ELF_CORE = 4;
    private static final int BYTES_SHOWN = 8;

    private record Magic(int position, byte[] bytes, Kind kind, String words) {
        static Magic of(String hex, Kind kind, String words) {
            return at(0, hex, kind, words);
        }

        static Magic at(int position, String hex, Kind kind, String words) {
            return new Magic(position, HexFormat.of().parseHex(hex), kind, words);
        }

        static Magic text(String text, Kind kind, String words) {
            return new Magic(0, text.getBytes(StandardCharsets.ISO_8859_1), kind, words);
        }

        boolean isIn(byte[] head) {
            int end = position + bytes.length;
            return end <= head.length && Arrays.equals(head, position, end, bytes, 0, bytes.length);
        }
    }

    private static final List<Magic> MAGICS = List.of(
            Magic.of("514649fb00000001", Kind.DISK, "a disk in format qcow"),
            Magic.of("514649fb", Kind.DISK, "a disk in format qcow2"),
            Magic.of("51454400", Kind.DISK, "a disk in format qed"),
            Magic.text("KDMV", Kind.DISK, "a disk in format vmdk"),
            Magic.text("# Disk DescriptorFile", Kind.DISK, "a disk in format vmdk"),
            Magic.at(64, "7f10dabe", Kind.DISK, "a disk in format vdi"),
            Magic.text("vhdxfile", Kind.DISK, "a disk in format vhdx"),
            Magic.text("conectix", Kind.DISK, "a disk in format vpc"),
            Magic.of("4c554b53babe", Kind.DISK, "a disk in format luks"),
            Magic.of("1f8b", Kind.COMPRESSED, "compressed with gzip, decompress it first"),
            Magic.of("28b52ffd", Kind.COMPRESSED, "compressed with zstd, decompress it first"),
            Magic.of("fd377a585a00", Kind.COMPRESSED, "compressed with xz, decompress it first"),
            Magic.text("BZh", Kind.COMPRESSED, "compressed with bzip2, decompress it first"),
            Magic.of("894c5a4f000d0a1a0a", Kind.COMPRESSED, "compressed with lzop, decompress it first"),
            Magic.of("04224d18", Kind.COMPRESSED, "compressed with lz4, decompress it first"),
            Magic.text("KDUMP   ", Kind.KDUMP, "a dump of memory in format kdump, which no guest can be started from"),
            Magic.text(
                    "makedumpfile", Kind.KDUMP, "a dump of memory in format kdump, which no guest can be started from"),
            Magic.text(
                    LibvirtHead.UNFINISHED,
                    Kind.LIBVIRT_UNFINISHED,
                    "a file of libvirt's save that was not finished, there is no guest in it"),
            Magic.at(GPT_POSITION, "4546492050415254", Kind.DISK, "a disk in format raw, with partitions"),
            Magic.at(KERNEL_POSITION, "48647253", Kind.KERNEL, "a Linux kernel"),
            Magic.at(PARTITIONS_SIGNATURE_POSITION, "55aa", Kind.DISK, "a disk in format raw, with a boot sector"));

    /** Recognizes a file by its first {@link #HEAD_BYTES} bytes, or all that it has. */
    public static FileFormat of(byte[] head) {
        if (head.length == 0) {
            return new FileFormat(Kind.EMPTY, "nothing");
        }
        if (startsWith(head, SectionType.FILE_MAGIC)) {
            return ofStream(head);
        }
        if (LibvirtHead.isIn(head)) {
            return new FileFormat(Kind.LIBVIRT_SAVE, LibvirtHead.describe(head));
        }
        if (startsWith(head, 0x7f454c46)) {
            return new FileFormat(
                    Kind.ELF,
                    isCore(head)
                            ? "an ELF core, such as a dump of memory, which no guest can be started from"
                            : "a program or library (ELF)");
        }
        for (Magic magic : MAGICS) {
            if (magic.isIn(head)) {
                return new FileFormat(magic.kind, magic.words);
            }
        }
        boolean zeros = true;
        for (byte value : head) {
            zeros &= value == 0;
        }
        return zeros
                ? new FileFormat(Kind.ZEROS, "zeros")
                : new FileFormat(
                        Kind.UNKNOWN,
                        "something else, which begins with 0x"
                                + HexFormat.of().formatHex(head, 0, Math.min(head.length, BYTES_SHOWN)));
    }

    /** Whether it may be an image: if it is none after all, reading it says what is wrong, and where. */
    public boolean mayBeImage() {
        return kind == Kind.MAPPED_RAM || kind == Kind.DAMAGED_STREAM;
    }

    /** The same for a plain stream. */
    boolean mayBeStream() {
        return kind == Kind.PLAIN_STREAM || kind == Kind.DAMAGED_STREAM;
    }

    /** What to throw where a plain stream was wanted. */
    ImageException noStream(Object name) {
        return new ImageException("file must be a plain migration stream: stream=" + name + " found=\"" + words + "\"");
    }

    /**
     * What to throw where an image was wanted.
     *
     * @param position where in the file it should have begun
     */
    ImageException noImage(Object path, long position) {
        return new ImageException("file must be a mapped-ram image: image=" + path + " position=" + position
                + " found=\"" + words + "\"");
    }

    private static boolean startsWith(byte[] head, int magic) {
        return head.length >= Integer.BYTES && ByteBuffer.wrap(head).getInt() == magic;
    }

    /** ELF says in its sixth byte in which order its numbers are. */
    private static boolean isCore(byte[] head) {
        return head.length > ELF_TYPE_POSITION + 1
                && (head[ELF_TYPE_POSITION] == ELF_CORE || head[ELF_TYPE_POSITION + 1] == ELF_CORE);
    }

    /** Only a configuration says that pages have places of their own; machine types before 2.4 have none. */
    private static FileFormat ofStream(byte[] head) {
        int type = head.length > 2 * Integer.BYTES ? head[2 * Integer.BYTES] : SectionType.CONFIGURATION;
        if (type != SectionType.CONFIGURATION) {
            return type == SectionType.SECTION_START || type == SectionType.SECTION_FULL || type == SectionType.COMMAND
                    ? plainStream("")
                    : new FileFormat(Kind.DAMAGED_STREAM, "a damaged migration stream");
        }
        Optional<Configuration> configuration = configurationOf(head);
        if (configuration.isEmpty()) {
            return new FileFormat(Kind.DAMAGED_STREAM, "a damaged migration stream");
        }
        String machine = ", machine type " + configuration.get().machineType().name();
        return configuration.get().hasCapability(Configuration.MAPPED_RAM)
                ? new FileFormat(Kind.MAPPED_RAM, "a mapped-ram image" + machine)
                : plainStream(machine);
    }

    private static FileFormat plainStream(String machine) {
        return new FileFormat(
                Kind.PLAIN_STREAM, "a plain migration stream" + machine + ", convert makes an image of it");
    }

    private static Optional<Configuration> configurationOf(byte[] head) {
        ByteSource nothingMore = new ByteSource() {
            @Override
            public int read(ByteBuffer into, String what) {
                return -1;
            }

            @Override
            public void seek(long position) {
                throw new UnsupportedOperationException("a stream's header is read in order");
            }
        };
        byte[] looked = head.length <= HEAD_BYTES ? head : Arrays.copyOf(head, HEAD_BYTES);
        try {
            return Optional.of(new MainStreamReader(new StreamInput(nothingMore, looked)).readHeader());
        } catch (StreamException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new IllegalStateException("nothing is read", e);
        }
    }
}
