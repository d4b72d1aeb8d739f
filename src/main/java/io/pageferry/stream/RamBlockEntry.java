package io.pageferry.stream;

import java.util.Optional;

/**
 * A RAM block as the list at the start of the RAM section has it.
 *
 * @param name the block's idstr
 * @param lengthBytes its length, whole pages
 * @param header where its pages are, in an image
 */
public record RamBlockEntry(String name, long lengthBytes, Optional<MappedRamHeader> header) {}
