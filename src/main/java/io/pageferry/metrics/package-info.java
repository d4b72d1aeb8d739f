/**
 * What is known of a migration while it runs and after: counters under QEMU's names, latencies in HdrHistograms.
 *
 * <p>Each channel has its own counters, which only its thread writes and anybody may read ({@link io.pageferry.metrics.ChannelStats}). Sums are
 * made by the reader. Latencies go to one recorder a kind for the whole migration ({@link io.pageferry.metrics.Latencies}): recording is wait-free.
 */
package io.pageferry.metrics;
