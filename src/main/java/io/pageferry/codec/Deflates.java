package io.pageferry.codec;

import java.util.Optional;

/** What packs and unpacks deflate streams that are each by themselves: ISA-L, where the machine has it, or the JDK. */
final class Deflates {
    /**
     * With fixed codes. On pages of a program that are each by themselves 1 leaves a fifth less, and takes two and a
     * half times as long, as it has codes to make for each.
     */
    private static final int ISAL_LEVEL_OF_PAGES = 0;

    private static final int JDK_LEVEL_OF_PAGES = 1;

    /** Leaves as much as zlib's level 1, within a fiftieth; 3 takes twice as long for that fiftieth. */
    private static final int ISAL_LEVEL_OF_BLOCKS = 1;

    private final Optional<Isal> isal;

    /** As fast as this machine can. */
    Deflates() {
        this(Isal.ofThisMachine());
    }

    /** By a library that is there, or not. */
    Deflates(Optional<Isal> isal) {
        this.isal = isal;
    }

    /** Packs pages, of methods that have no levels. */
    BlockDeflate ofPages(DeflateFormat format) {
        return isal.<BlockDeflate>map(library -> new IsalBlockDeflate(library, format, ISAL_LEVEL_OF_PAGES))
                .orElseGet(() -> new JdkBlocks.Packer(format, JDK_LEVEL_OF_PAGES));
    }

    /**
     * Packs blocks of many pages, with nothing around the streams.
     *
     * @param level of zlib: 1 to 9
     */
    BlockDeflate ofBlocks(int level) {
        return isal.filter(_ -> IsalDeflate.isEquivalentTo(level))
                .<BlockDeflate>map(library -> new IsalBlockDeflate(library, DeflateFormat.RAW, ISAL_LEVEL_OF_BLOCKS))
                .orElseGet(() -> new JdkBlocks.Packer(DeflateFormat.RAW, level));
    }

    /** Unpacks. */
    BlockInflate newInflate(DeflateFormat format) {
        return isal.<BlockInflate>map(library -> new IsalBlockInflate(library, format))
                .orElseGet(() -> new JdkBlocks.Unpacker(format));
    }
}
