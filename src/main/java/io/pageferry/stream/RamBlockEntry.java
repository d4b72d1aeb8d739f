package io.pageferry.stream;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * A RAM block as the list at the start of the RAM section has it.
 *
 * @param name the block's idstr
 * @param lengthBytes its length, whole pages
 * @param address where the guest sees it, said only with the capability {@code x-ignore-shared}
 * @param header where its pages are, in an image
 */
public record RamBlockEntry(String name, long lengthBytes, OptionalLong address, Optional<MappedRamHeader> header) {
    public RamBlockEntry(String name, long lengthBytes, Optional<MappedRamHeader> header) {
        this(name, lengthBytes, OptionalLong.empty(), header);
    }
}
