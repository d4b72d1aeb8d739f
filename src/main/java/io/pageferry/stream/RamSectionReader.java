package io.pageferry.stream;

import io.pageferry.wire.PacketGeometry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Reads the records of the RAM section, from the list of blocks on, over all its parts. Belongs to one thread.
 *
 * <p>Checks every record: known flags, a block of the list, an offset within it, and a total that the blocks add up to
 * and that is not over the limit, before anything could be sized by it.
 */
public final class RamSectionReader {
    /** QEMU guests have ten to a few hundred: one a DIMM, ROM and device with memory. */
    private static final int MAX_BLOCKS = 4096;

    private static final int KNOWN_FLAGS = RamFlags.ZERO
            | RamFlags.MEM_SIZE
            | RamFlags.PAGE
            | RamFlags.EOS
            | RamFlags.CONTINUE
            | RamFlags.XBZRLE
            | RamFlags.HOOK
            | RamFlags.COMPRESS
            | RamFlags.MULTIFD_FLUSH;

    private static final int NO_BLOCK = -1;

    /** QEMU's {@code ENCODING_FLAG_XBZRLE}; there is no other. */
    private static final int XBZRLE_ENCODING = 1;

    private static final int DEFLATE_OVERHEAD_BYTES = 64;

    /** Of all hosts that QEMU runs on. */
    private static final int LEAST_HOST_PAGE_BYTES = 4096;

    private final StreamInput in;
    private final long maxRamBytes;
    private final boolean mappedRam;
    private final boolean addresses;

    /**
     * Until the page size is known, the smallest there is: no flag is above it, and every length is a multiple of it.
     */
    private int pageSizeBytes;

    private boolean pageSizeKnown;

    private List<RamBlockEntry> blocks;
    private final Map<String, Integer> indexes = new HashMap<>();
    private int lastBlock = NO_BLOCK;

    /**
     * Makes a reader.
     *
     * @param maxRamBytes the largest guest that is let in
     * @param mappedRam whether the stream is an image, with headers in the list of blocks
     */
    public RamSectionReader(StreamInput in, int pageSizeBytes, long maxRamBytes, boolean mappedRam) {
        this(in, pageSizeBytes, true, maxRamBytes, mappedRam, false);
    }

    private RamSectionReader(
            StreamInput in,
            int pageSizeBytes,
            boolean pageSizeKnown,
            long maxRamBytes,
            boolean mappedRam,
            boolean addresses) {
        this.in = in;
        this.pageSizeBytes = pageSizeBytes;
        this.pageSizeKnown = pageSizeKnown;
        this.maxRamBytes = maxRamBytes;
        this.mappedRam = mappedRam;
        this.addresses = addresses;
    }

    /** A reader of what comes over a wire. */
    public static RamSectionReader ofWire(
            StreamInput in, Configuration configuration, int pageSizeBytes, long maxRamBytes) {
        return new RamSectionReader(
                in, pageSizeBytes, true, maxRamBytes, false, configuration.hasCapability(Configuration.IGNORE_SHARED));
    }

    /**
     * A reader of an image. Its blocks' headers have the page size, also where neither its configuration nor its
     * machine type does.
     */
    public static RamSectionReader ofImage(StreamInput in, Configuration configuration, long maxRamBytes) {
        boolean known = configuration.isPageSizeKnown();
        return new RamSectionReader(
                in,
                known ? configuration.pageSizeBytes() : PacketGeometry.MIN_PAGE_SIZE_BYTES,
                known,
                maxRamBytes,
                true,
                configuration.hasCapability(Configuration.IGNORE_SHARED));
    }

    /** The guest's page size; that of an image once its blocks are listed. */
    public int pageSizeBytes() {
        return pageSizeBytes;
    }

    /** Reads records to the end of one section. */
    public void readRecords(RamSectionHandler handler) throws IOException, InterruptedException {
        while (true) {
            long record = in.u64("RAM record");
            int flags = (int) (record & (pageSizeBytes - 1L));
            long address = record - flags;
            switch (flags & ~RamFlags.CONTINUE) {
                case RamFlags.MEM_SIZE -> {
                    blocks = readBlocks(address);
                    handler.blocks(blocks);
                }
                case RamFlags.ZERO -> {
                    int block = readBlock(flags, address);
                    int fill = in.u8("zero page's byte");
                    if (fill != 0) {
                        throw new StreamException("zero page's byte must be 0: " + where(address) + " value=" + fill);
                    }
                    handler.zeroPage(block, address);
                }
                case RamFlags.PAGE -> handler.page(readBlock(flags, address), address, in);
                case RamFlags.MULTIFD_FLUSH -> {
                    requireBlocks(flags);
                    handler.multifdFlush();
                }
                case RamFlags.EOS -> {
                    requireBlocks(flags);
                    handler.endOfSection();
                    return;
                }
                case RamFlags.XBZRLE -> {
                    requireEncodedPages(handler, "xbzrle", flags);
                    int block = readBlock(flags, address);
                    handler.xbzrlePage(block, address, readXbzrleLength(address), in);
                }
                case RamFlags.COMPRESS -> {
                    requireEncodedPages(handler, "compress", flags);
                    int block = readBlock(flags, address);
                    handler.compressedPage(block, address, readCompressedLength(address), in);
                }
                default ->
                    throw new StreamException("RAM record must have one known flag: flags=0x"
                            + Integer.toHexString(flags) + " unknown=0x" + Integer.toHexString(flags & ~KNOWN_FLAGS)
                            + " position=" + in.position());
            }
        }
    }

    private void requireEncodedPages(RamSectionHandler handler, String capability, int flags) throws StreamException {
        if (!handler.takesEncodedPages()) {
            throw new StreamException("RAM record must not be compressed, turn off " + capability + ": flags=0x"
                    + Integer.toHexString(flags) + " position=" + in.position());
        }
    }

    private int readXbzrleLength(long address) throws IOException {
        int encoding = in.u8("XBZRLE page's encoding");
        if (encoding != XBZRLE_ENCODING) {
            throw new StreamException("XBZRLE page's encoding must be " + XBZRLE_ENCODING + ": " + where(address)
                    + " encoding=" + encoding);
        }
        int length = in.u16("XBZRLE page's length");
        if (length > pageSizeBytes) {
            throw new StreamException("XBZRLE page must not be longer than a page: " + where(address) + " length="
                    + length + " pageSize=" + pageSizeBytes);
        }
        return length;
    }

    /** What deflate makes of bytes that it cannot make smaller is a little longer than they are. */
    private int readCompressedLength(long address) throws IOException {
        int length = in.u32("compressed page's length");
        int most = pageSizeBytes + pageSizeBytes / 1000 + DEFLATE_OVERHEAD_BYTES;
        if (length < 1 || length > most) {
            throw new StreamException("compressed page's length must be 1 to " + most + ": " + where(address)
                    + " length=" + Integer.toUnsignedString(length));
        }
        return length;
    }

    private List<RamBlockEntry> readBlocks(long total) throws IOException {
        if (blocks != null) {
            throw new StreamException("list of RAM blocks must come once: position=" + in.position());
        }
        if (Long.compareUnsigned(total, maxRamBytes) > 0) {
            throw new StreamException("guest must not be larger than max-ram: total=" + Long.toUnsignedString(total)
                    + " max-ram=" + maxRamBytes);
        }
        if (total == 0) {
            throw new StreamException("guest must have RAM: total=0");
        }
        List<RamBlockEntry> entries = new ArrayList<>();
        long left = total;
        while (left > 0) {
            if (entries.size() == MAX_BLOCKS) {
                throw new StreamException(
                        "guest must have " + MAX_BLOCKS + " RAM blocks at the most: total=" + total + " left=" + left);
            }
            String name = in.countedString("RAM block's name");
            long length = in.u64("RAM block's length");
            if (indexes.putIfAbsent(name, entries.size()) != null) {
                throw new StreamException("RAM block must be listed once: block=" + name);
            }
            requireWholePages(name, length);
            if (length > left) {
                throw new StreamException("RAM blocks must add up to the total: block=" + name + " length=0x"
                        + Long.toHexString(length) + " total=0x" + Long.toHexString(total) + " left=0x"
                        + Long.toHexString(left));
            }
            left -= length;
            skipHostPageSize(name, left == 0);
            OptionalLong address = addresses ? OptionalLong.of(in.u64("RAM block's address")) : OptionalLong.empty();
            entries.add(new RamBlockEntry(name, length, address, readHeader(name, length)));
        }
        return List.copyOf(entries);
    }

    /**
     * A source that has {@code postcopy-ram} says the size of a block's pages on its host behind the block's length,
     * where it is not the larger one of the guest's and the host's own: for huge pages, and for guests whose pages are
     * larger than the host's. No name is empty, and no record is one power of two, so nothing else can be there; with
     * {@code x-ignore-shared}, which QEMU does not allow beside it, and in images it never is.
     */
    private void skipHostPageSize(String block, boolean last) throws IOException {
        if (addresses || mappedRam) {
            return;
        }
        boolean follows = last ? isHostPageSize(in.peekU64("RAM record")) : in.peek("RAM block's name") == 0;
        if (follows) {
            long size = in.u64("size of a RAM block's pages on its host");
            if (!isHostPageSize(size)) {
                throw new StreamException("RAM block's pages on its host must be a power of two, at least "
                        + LEAST_HOST_PAGE_BYTES + ", and not the guest's page size: block=" + block + " hostPageSize="
                        + Long.toUnsignedString(size) + " pageSize=" + pageSizeBytes);
            }
        }
    }

    private boolean isHostPageSize(long size) {
        return Long.bitCount(size) == 1 && size >= LEAST_HOST_PAGE_BYTES && size != pageSizeBytes;
    }

    private void requireWholePages(String block, long length) throws StreamException {
        if (length <= 0 || length % pageSizeBytes != 0) {
            throw new StreamException("RAM block must be whole pages: block=" + block + " length=0x"
                    + Long.toHexString(length) + " pageSize=" + pageSizeBytes);
        }
    }

    private Optional<MappedRamHeader> readHeader(String block, long length) throws IOException {
        if (!mappedRam) {
            return Optional.empty();
        }
        MappedRamHeader header = MappedRamHeader.read(in);
        if (!pageSizeKnown) {
            learnPageSize(block, header);
            requireWholePages(block, length);
        }
        long bitmapBytes = MappedRamHeader.bitmapBytes(length / pageSizeBytes);
        if (header.pageSizeBytes() != pageSizeBytes) {
            throw new StreamException("mapped-ram page size must be the guest's: block=" + block + " pageSize="
                    + Long.toUnsignedString(header.pageSizeBytes()) + " expected=" + pageSizeBytes);
        }
        if (header.bitmapOffset() < in.position() || header.bitmapOffset() > Long.MAX_VALUE - bitmapBytes) {
            throw new StreamException("mapped-ram bitmap must lie behind its header: block=" + block
                    + " bitmapOffset=0x" + Long.toHexString(header.bitmapOffset()) + " position=0x"
                    + Long.toHexString(in.position()));
        }
        if (header.pagesOffset() < header.bitmapOffset() + bitmapBytes
                || header.pagesOffset() > Long.MAX_VALUE - length
                || header.pagesOffset() % pageSizeBytes != 0) {
            throw new StreamException("mapped-ram pages must lie behind their bitmap, aligned to pages: block=" + block
                    + " pagesOffset=0x" + Long.toHexString(header.pagesOffset()) + " bitmapOffset=0x"
                    + Long.toHexString(header.bitmapOffset()) + " bitmapBytes=0x" + Long.toHexString(bitmapBytes));
        }
        in.seek(header.pagesOffset() + length);
        return Optional.of(header);
    }

    private void learnPageSize(String block, MappedRamHeader header) throws StreamException {
        long size = header.pageSizeBytes();
        if (Long.bitCount(size) != 1
                || size < PacketGeometry.MIN_PAGE_SIZE_BYTES
                || size > PacketGeometry.MAX_PAGE_SIZE_BYTES) {
            throw new StreamException("mapped-ram page size must be a power of two from "
                    + PacketGeometry.MIN_PAGE_SIZE_BYTES + " to " + PacketGeometry.MAX_PAGE_SIZE_BYTES + ": block="
                    + block + " pageSize=" + Long.toUnsignedString(size));
        }
        pageSizeBytes = (int) size;
        pageSizeKnown = true;
    }

    private int readBlock(int flags, long address) throws IOException {
        requireBlocks(flags);
        if ((flags & RamFlags.CONTINUE) == 0) {
            String name = in.countedString("RAM block's name");
            lastBlock = indexOf(name);
            if (lastBlock == NO_BLOCK) {
                throw new StreamException("RAM record's block must be one of the guest's: block=" + name);
            }
        } else if (lastBlock == NO_BLOCK) {
            throw new StreamException("first RAM record must name its block: flags=0x" + Integer.toHexString(flags)
                    + " position=" + in.position());
        }
        long length = blocks.get(lastBlock).lengthBytes();
        if (address < 0 || address > length - pageSizeBytes) {
            throw new StreamException(
                    "page offset must lie in its block: " + where(address) + " length=0x" + Long.toHexString(length));
        }
        return lastBlock;
    }

    private int indexOf(String name) {
        return indexes.getOrDefault(name, NO_BLOCK);
    }

    private void requireBlocks(int flags) throws StreamException {
        if (blocks == null) {
            throw new StreamException("list of RAM blocks must come first: flags=0x" + Integer.toHexString(flags)
                    + " position=" + in.position());
        }
    }

    private String where(long address) {
        return "block=" + blocks.get(lastBlock).name() + " offset=0x" + Long.toHexString(address);
    }
}
