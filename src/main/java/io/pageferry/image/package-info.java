/**
 * Images: guests at rest, in QEMU's own {@code mapped-ram} format (QEMU 9.0 and later), which QEMU loads as they are.
 *
 * <pre>
 *   header, configuration            the main stream as on a wire, with the capability mapped-ram
 *   SECTION_START "ram"
 *     for each block: name, length, {@link io.pageferry.stream.MappedRamHeader}, bitmap ... (1 MiB boundary) pages
 *   SECTION_END "ram"
 *   device sections, EOF, vmdescription
 * </pre>
 *
 * <p>A page at offset o of a block is at the block's pages offset + o. A page whose bit is clear is zero, and is a hole in the file. All
 * positions are those of the file, also where the stream starts at an offset of it.
 *
 * <p>{@link io.pageferry.image.ImageWriter} is a page sink that all channels write to in parallel; {@link io.pageferry.image.Image} is one at rest, a
 * page source that all channels read from. What is being written is a {@link io.pageferry.image.PendingFile} until it is complete and on
 * disk. Reading trusts nothing: an image is as hostile as a peer.
 */
package io.pageferry.image;
