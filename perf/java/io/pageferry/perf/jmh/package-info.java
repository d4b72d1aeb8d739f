/**
 * Micro-benchmarks of what is done for every packet or every page, run by {@code perf/jmh}. Each says in its first
 * sentence what an operation is.
 *
 * <pre>
 *   {@link ZeroTestBenchmark}    is a page zero, against a plain read in C
 *   {@link BitmapBenchmark}      which pages are marked
 *   {@link PacketBenchmark}      a packet's fields, written and checked
 *   {@link GatherBenchmark}      a packet's pages from where they lie into a socket
 *   {@link CodecBenchmark}       a packet's pages compressed, and unpacked
 *   {@link HandOffBenchmark}     a batch through a lane
 *   {@link TraceBenchmark}       what it costs that a packet can be watched
 * </pre>
 */
package io.pageferry.perf.jmh;
