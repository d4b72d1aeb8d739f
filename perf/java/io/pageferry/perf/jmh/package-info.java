/**
 * Micro-benchmarks of what is done for every packet or every page, run by {@code perf/jmh}. Each says in its first sentence what an operation is.
 *
 * <pre>
 *   {@link io.pageferry.perf.jmh.ZeroTestBenchmark}    is a page zero, against a plain read in C
 *   {@link io.pageferry.perf.jmh.BitmapBenchmark}      which pages are marked
 *   {@link io.pageferry.perf.jmh.PacketBenchmark}      a packet's fields, written and checked
 *   {@link io.pageferry.perf.jmh.GatherBenchmark}      a packet's pages from where they lie into a socket
 *   {@link io.pageferry.perf.jmh.CodecBenchmark}       a packet's pages compressed, and unpacked
 *   {@link io.pageferry.perf.jmh.HandOffBenchmark}     a batch through a lane
 *   {@link io.pageferry.perf.jmh.TraceBenchmark}       what it costs that a packet can be watched
 * </pre>
 */
package io.pageferry.perf.jmh;
