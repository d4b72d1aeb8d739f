package io.pageferry.codec;

import java.util.Optional;

/** What packs and unpacks deflate streams that are each by themselves: ISA-L, where the machine has it, or the JDK. */
final class Deflates {
    private final Optional<Isal> isal;

    /** As fast as this machine can. */
    Deflates() {
        this(Isal.ofThisMachine());
    }

    /** By a library that is there, or not. */
    Deflates(Optional<Isal> isal) {
        this.isal = isal;
    }

    /**
     * Packs.
     *
     * @param level of zlib: 1 to 9
     */
    BlockDeflate newDeflate(DeflateFormat format, int level) {
        return isal.filter(_ -> IsalDeflate.isEquivalentTo(level))
                .<BlockDeflate>map(library -> new IsalBlockDeflate(library, format))
                .orElseGet(() -> new JdkBlocks.Packer(format, level));
    }

    /** Unpacks. */
    BlockInflate newInflate(DeflateFormat format) {
        return isal.<BlockInflate>map(library -> new IsalBlockInflate(library, format))
                .orElseGet(() -> new JdkBlocks.Unpacker(format));
    }
}
