/**
 * Measures speed. Each figure is a ratio of two things that were measured in turns, in one run: see {@code perf/README.md}.
 *
 * <pre>
 *   {@link io.pageferry.perf.CompareWithQemu}    QEMU and Pageferry as source and destination, on the same RAM
 *   {@link io.pageferry.perf.CompareModes}       the same under TLS, compressed, and with zeros
 *   {@link io.pageferry.perf.Mode}               one of these, {@link io.pageferry.perf.RamContent} what is in the RAM
 *   {@link io.pageferry.perf.ModeParties}        who takes part, and one move between two of them
 *   {@link io.pageferry.perf.MemoryEndpoint}     a Pageferry process to be measured
 *   {@link io.pageferry.perf.ModeEndpoint}       the same in a mode
 *   {@link io.pageferry.perf.EndpointProcess}    the same, seen from the process that measures
 *   {@link io.pageferry.perf.Ballast}            memory kept ready for who is measured next
 *   {@link io.pageferry.perf.CpuTime}            processor time that processes had
 *   {@link io.pageferry.perf.Rate}               bytes and the time they took
 *   {@link io.pageferry.perf.Spread}             median, least and most of some figures
 * </pre>
 */
package io.pageferry.perf;
