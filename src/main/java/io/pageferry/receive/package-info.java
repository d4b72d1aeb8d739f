/**
 * The receiving half of a migration: connections are told apart, channels take pages in, the main stream says what they
 * are.
 *
 * <pre>
 *   {@link Arrivals}         accepts a connection and reads who it is        one call a task
 *   {@link Introduction}     the same without reading: for who joins connections of several guests
 *   {@link ChannelRoster}    all channels there, or a first one, none twice, then go on
 *   {@link MainReceiver}     reads the main stream                           the main channel's thread
 *   {@link MultifdProbe}     whether there are channels at all               the same, before it reads
 *   {@link RamReceiver}      its RAM records: opens the sink, takes pages    the main channel's thread
 *   {@link PlainRamReceiver} the same where there are no channels            the same
 *   {@link StreamPages}      pages of the main stream on their way to a sink the same
 *   {@link RoundSync}        drives the barrier: where syncs are             the same
 *   {@link ReturnPathWriter} answers, signs of life, the last word           the same, and its own
 *   {@link ChannelReceiver}  packet by packet: validate, read, commit        a thread a channel
 *   {@link SyncBarrier}      where the channels wait for the main one
 *   {@link PacketTally}      whether packets are missing, and so a channel  under the barrier's lock
 *   {@link DeviceStateIntake} device state beside RAM: within its limits, on to its place
 * </pre>
 *
 * <p>What each thread may do when:
 *
 * <ol>
 *   <li>Nobody reads past its first packet before all channels are there; where their number is open, before there is
 *       one. Then others join until all have synced twice and no packet is missing, and only then may RAM end.
 *   <li>A channel reads no packet before the main stream has listed the RAM blocks and their sink is open.
 *   <li>A channel that delivered SYNC goes on when the main stream has collected SYNC from all of them.
 *   <li>When RAM has ended no page may come. Device state may, until the channel ends.
 *   <li>When the main stream has ended, the channels' own end is waited for, since device state may still be on its
 *       way. Only a source that waits for an answer keeps its channels open: there the main thread ends their input,
 *       unless one has brought device state since its last SYNC. Such a source must send device state in front of its
 *       last SYNC, as our sender does, or end the channels behind it.
 *   <li>A channel says that it has ended when all that it does is done, so nothing can be refused any more once all
 *       have. Then the main thread has the guest kept, and says so to the source: its guest stands still until it hears
 *       that, and no thread has to end or begin before.
 * </ol>
 *
 * <p>Who has the guest, as its source is to know it:
 *
 * <ol>
 *   <li>A source that listens (return path) is told SHUT: 0 once its guest is kept, and not before; 1 where it is not.
 *   <li>Until then it hears the last PONG again each second, so that a slow disk is not taken for a destination that is
 *       gone. These signs of life begin with the first PONG, wait for nobody, fail nothing, and end with SHUT. Where no
 *       PING came there are none, and PONG 0x42, which has a meaning in postcopy, is never repeated.
 *   <li>A source that listens may pause between two sections of RAM, no packet half read and no sync awaited: its user
 *       has it {@code pause-before-switchover}. It gets so many signs of life then that it must read them to be able to
 *       take more. As long as it takes them its silence is no stall; a source that hangs takes none after a while.
 *   <li>A guest that is kept stays kept, also where its source cannot be told. The migration has failed then, and its
 *       line says that the source may not know.
 *   <li>A source that does not listen has let go of its guest when it has sent all. Where the guest is not kept then,
 *       the line says so too. A source that has still something to send finds its connections broken.
 * </ol>
 *
 * <p>{@link CheckpointReceiver} is the same for a migration that comes from a checkpoint: no packets, jobs over lanes;
 * {@link StreamReceiver} for one that comes as a plain stream from a file or a pipe. The tasks run in a scope of the
 * session room; any failure here ends all of them.
 */
package io.pageferry.receive;
