package io.pageferry.testing;

import io.pageferry.memory.RamBlock;
import java.nio.ByteBuffer;

/**
 * Contents of pages that can be told apart: by their block, their offset, and a version, of which 0 means all zeros.
 */
public final class PagePattern {
    private PagePattern() {}

    public static byte[] of(RamBlock block, long pageOffset, int version) {
        ByteBuffer bytes = ByteBuffer.allocate(block.pageSizeBytes());
        if (version != 0) {
            long word = mix(mix(mix(block.index()) ^ pageOffset) ^ version);
            while (bytes.hasRemaining()) {
                bytes.putLong(word);
                word += 0x9e3779b97f4a7c15L;
            }
        }
        return bytes.array();
    }

    /** The finalizer of SplitMix64: every bit of what goes in changes half of what comes out. */
    private static long mix(long seed) {
        long bits = (seed + 1) * 0x9e3779b97f4a7c15L;
        bits = (bits ^ bits >>> 30) * 0xbf58476d1ce4e5b9L;
        bits = (bits ^ bits >>> 27) * 0x94d049bb133111ebL;
        return bits ^ bits >>> 31;
    }
}
