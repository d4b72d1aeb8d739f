/**
 * The bytes of a multifd channel: packets as flyweights over Agrona buffers, their constants, and their validation.
 *
 * <p>A multifd channel carries one <em>initial packet</em> and then packets until it ends:
 *
 * <pre>
 *   source                                     destination
 *     | -- initial packet: uuid, channel id -->  |   before anything else
 *     | -- SYNC packet ----------------------->  |   once the RAM blocks are known
 *     | -- RAM packet, page data ------------->  |   as often as there are pages
 *     | -- SYNC packet ----------------------->  |   end of a round; the channel then waits for the main channel
 *     | ------------------------------ EOF --->  |   only between packets
 * </pre>
 *
 * <p>Flyweights know where a field is and nothing else: no I/O, no policy. What may stand in a field is said in the
 * validators ({@link InitialPacketValidator}, {@link RamPacketValidator}), once, at the border: what they let through
 * is in range. All integers are big-endian.
 *
 * <p>The wire was taken from QEMU 7.2 to 10.0 ({@code MultiFDInit_t}, {@code MultiFDPacketHdr_t},
 * {@code MultiFDPacket_t}, {@code MultiFDPacketDeviceState_t}). The room imports no other one and no thread lives here.
 */
package io.pageferry.wire;
