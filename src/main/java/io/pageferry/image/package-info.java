/**
 * Images: guests at rest, in QEMU's own {@code mapped-ram} format (QEMU 9.0 and later), which QEMU loads as they are.
 *
 * <pre>
 *   header, configuration            the main stream as on a wire, with the capability mapped-ram
 *   SECTION_START "ram"
 *     for each block: name, length, {@link io.pageferry.stream.MappedRamHeader}, bitmap ... (1 MiB boundary) pages
 *   SECTION_END "ram"
 *   device sections, EOF, vmdescription
 *   ... and only where device state came beside RAM: room, {@link KeptDeviceState packets, trailer}
 * </pre>
 *
 * <p>Beside them, a {@link StreamFile} is a plain stream that is written, whole or not at all as an image is, and a
 * {@link StreamSource} one that is read.
 *
 * <p>A page at offset o of a block is at the block's pages offset + o. A page whose bit is clear is zero, and is a hole
 * in the file. All positions are those of the file, also where the stream starts at an offset of it.
 *
 * <p>QEMU's format has no place for device state that comes beside RAM, in packets on the multifd channels (QEMU 10.0
 * and later, from vfio devices). It is kept in the same file, so that it appears, moves and vanishes with the image:
 *
 * <ol>
 *   <li>The packets stand behind the vmdescription as they were on the wire, back to back, in no order between
 *       channels. They are written while RAM comes, when the length of the main stream is not known yet, so there is a
 *       hole in front of them that is as long as the stream can be.
 *   <li>A trailer at the end of the file says where the main stream ends and where the packets are.
 *   <li>Such an image, and no other, has the capability {@code x-multifd-device-state} besides mapped-ram in its
 *       configuration. That is put there last, into room that is kept for it. A QEMU that is given the image reads it
 *       first and refuses: "Received unknown capability x-multifd-device-state". Without it QEMU would start the guest
 *       with devices that have lost their state.
 * </ol>
 *
 * <p>An image of a guest with {@code x-ignore-shared} has the blocks' addresses where QEMU writes them, in front of
 * their headers. QEMU 10.0 itself can neither finish nor load such an image, so only Pageferry brings it back. Blocks
 * that it has no page of are taken to be those that are shared, and are not sent.
 *
 * <p>The page size of an image is that of its headers, also where its configuration says none.
 *
 * <p>{@link ImageWriter} is a page sink that all channels write to in parallel, each by way of a {@link WriteStage}, so
 * that it takes pages in while those before are written to their places in the {@link PageFile}. {@link Image} is one
 * at rest, a page source that all channels read from. What is being written is a {@link PendingFile} until it is
 * complete and on disk. A few facts about an image may lie beside it, in its {@linkplain SidecarFiles sidecar}. Reading
 * trusts nothing: an image is as hostile as a peer. {@link CheckpointVerifier} reads one from end to end.
 *
 * <p>Image and sidecar are there together or not at all, whatever ends the process, and whatever the disk refuses:
 * names that begin with a dot ({@code .IMG.ID.part} and the like) are what is not done yet. Where the process dies,
 * {@link Leftovers} takes back what it had not finished; that its writer is dead, a lock on the file says. An image
 * whose name could not be put on disk has failed: its name is taken back, and an image that it replaced is there again.
 *
 * <p>Calls that wait for the disk ({@code fsync}, {@code fallocate}, {@code sync_file_range}, reading and writing) end
 * when the disk has done them, and by nothing else: no interrupt reaches a thread that the kernel has put aside for a
 * disk.
 *
 * <p>Images are their owner's alone, unless an operator lets a group read: {@link ImageAccess}. A sidecar has its
 * image's mode.
 *
 * <p>Where room on disk is shared with others, a {@link io.pageferry.checkpoint.SpaceReservation} is asked before
 * anything is written: pages have their room from the beginning on, device state takes it bit by bit as it comes.
 */
package io.pageferry.image;
