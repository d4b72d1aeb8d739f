/**
 * What is known of a migration while it runs and after: counters under QEMU's names, latencies in HdrHistograms.
 *
 * <p>Each channel has its own counters, which only its thread writes and anybody may read ({@link ChannelStats}). Sums
 * are made by the reader. Latencies go to one recorder a kind for the whole migration ({@link Latencies}): recording is
 * wait-free.
 *
 * <p>What happens is told at QEMU's trace points: each is an event of Flight Recorder, {@code io.pageferry.SendFill}
 * and the like, and a line of the log at trace level in QEMU's words ({@link ChannelTrace} for a channel,
 * {@link MigrationTrace} for the rest). Nobody watching, it costs a look at two flags. All events but those of single
 * packets are on in every recording; {@code pageferry.jfc} has those too.
 */
package io.pageferry.metrics;
