/**
 * What is done to page data on its way: it is packed or left as it is, and zero pages are found among it.
 *
 * <pre>
 *   {@link io.pageferry.codec.PageCodec}     one method of multifd-compression; {@link io.pageferry.codec.Codecs} has those there are
 *   {@link io.pageferry.codec.ChannelCodecs} a migration's codec with its buffers
 *   {@link io.pageferry.codec.PageEncoder}   a channel's sending end: pages to a packet's data
 *   {@link io.pageferry.codec.PageDecoder}   a channel's receiving end: a packet's data to pages
 *   {@link io.pageferry.codec.ZeroPages}     finds the zero pages of a batch
 * </pre>
 *
 * <p>A compressed channel is one stream for the whole migration: what was sent before helps with what comes, and each packet ends with a flush, so that it
 * can be unpacked at once. zlib's format is ISA-L's work where the machine has that library, and the JDK's else. Methods that compress are a {@code Compressor} and a {@code Decompressor}; what makes packets of them is the same for all.
 *
 * <p>Threads: a channel's own thread calls in here, on memory that it holds.
 */
package io.pageferry.codec;
