/**
 * What is done to page data on its way: it is packed or left as it is, and zero pages are found among it.
 *
 * <pre>
 *   {@link PageCodec}     one method of multifd-compression; {@link Codecs} has those there are
 *   {@link ChannelCodecs} a migration's codec with its buffers
 *   {@link PageEncoder}   a channel's sending end: pages to a packet's data
 *   {@link PageDecoder}   a channel's receiving end: a packet's data to pages
 *   {@link ZeroPages}     finds the zero pages of a batch
 *   {@link XbzrleDecoder}, {@link PageInflater}  pages of a stream without multifd
 * </pre>
 *
 * <p>With zlib and zstd a channel is one stream for the whole migration: what was sent before helps with what comes,
 * and each packet ends with a flush, so that it can be unpacked at once. Such methods are a {@code Compressor} and a
 * {@code Decompressor}; what makes packets of them is the same for both. With qpl and uadk each page is a deflate
 * stream of its own, with qatzip each 64 KiB are, so nothing is carried over: a {@code BlockDeflate} and a
 * {@code BlockInflate}. zlib's format and deflate are ISA-L's work where the machine has that library, and the JDK's
 * else.
 *
 * <p>What a packet costs is bounded: at most 1 MiB comes in and 512 KiB go out, in work that is in line with both, as
 * codecs have no input that they go over twice. Hostile data makes more of it than honest data, though: deflate blocks
 * that are empty cost up to 1 µs a received byte, as each sets up its codes, where honest ones cost a few ns. A packet
 * is 1,344 bytes or more, so a received byte makes 390 bytes of page at the most, zeros in an honest guest's as well.
 * zlib's window is 32 KiB. zstd's is what the frame's header demands, up to 32 MiB, and {@link WindowClaim} is asked
 * for it before the library takes it: channels by the hundred that each demand the most are refused when memory is used
 * up, and not found dead.
 *
 * <p>Threads: a channel's own thread calls in here, on memory that it holds.
 */
package io.pageferry.codec;
