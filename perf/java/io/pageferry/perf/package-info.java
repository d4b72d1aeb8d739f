/**
 * Measures speed. Each figure is a ratio of two things that were measured in turns, in one run: see
 * {@code perf/README.md}.
 *
 * <pre>
 *   {@link CompareWithQemu}    QEMU and Pageferry as source and destination, on the same RAM
 *   {@link CompareModes}       the same under TLS, compressed, and with zeros
 *   {@link Mode}               one of these, {@link RamContent} what is in the RAM
 *   {@link ModeParties}        who takes part, and one move between two of them
 *   {@link MemoryEndpoint}     a Pageferry process to be measured
 *   {@link ModeEndpoint}       the same in a mode
 *   {@link EndpointProcess}    the same, seen from the process that measures
 *   {@link BallastRelease}     memory kept ready for who is measured next, let go of as it is taken
 *   {@link TurnOptions}        what all comparisons are told
 *   {@link CpuTime}            processor time that processes had
 *   {@link Rate}               bytes and the time they took
 *   {@link Spread}             median, least and most of some figures
 * </pre>
 */
package io.pageferry.perf;
