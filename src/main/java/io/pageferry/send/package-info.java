/**
 * The sending half of a migration: rounds are planned, batches handed to channels, the main stream written around them.
 *
 * <pre>
 *   {@link MainSender}      the main stream                                                  main thread
 *   {@link RamTransfer}     a way of bringing RAM over: what goes before and after the stop  main thread
 *   {@link PrecopyTransfer} all of RAM, round by round, before the guest starts there        main thread
 *   {@link RoundPlanner}    dirty pages to batches, jobs of some of them to a {@link JobTarget}   main thread
 *   {@link MainChannelPages}  jobs into the main stream, where pages are in it               main thread
 *   {@link RamRecords}      pages as records of the main stream                              main thread
 *   {@link Precopy}         after each round: another one, switch over, or give up           main thread
 *   {@link Convergence}     the arithmetic of that, which a rehearsal does too               any thread, one at a time
 *   {@link ChannelSender}   a lane's jobs: load, find zero pages, write                      a thread a channel
 *   {@link PacketOutput}    batches to packets, and these to a {@link PacketWriter}             the same thread
 *   {@link ReturnPath}      what the destination says                                        its own thread
 *   {@link ChannelWatch}    that the destination lets go of a channel                        a thread a channel
 *   {@link DeviceStateProducers}  device state beside RAM to lanes, while pages go too       threads of their own
 * </pre>
 *
 * <p>Where pages go is the {@link WireMode}'s: over multifd channels; or in the main stream, plainly, as a migration
 * without multifd has them, or with channels that do no more than sync, where nobody knows when the destination waits
 * for them.
 *
 * <p>Who has the guest, as far as a sender can know: the destination when it has said so (SHUT 0), whatever fails or is
 * cancelled afterwards; nobody but us before all is sent, and when it has said that it failed. Between these the
 * destination may have it: it has all, and what it says may be lost. A migration that ends then says that this cannot
 * be known. A destination that takes its time to store shows that it lives by repeating its PONG; each one lets the
 * stall-timeout count anew.
 *
 * <p>{@link SocketSender} puts these together for a peer, {@link StreamSender} for a file or a pipe that nobody answers
 * from, {@link CheckpointSender} for a checkpoint: there, batches are written to their places, and syncs are local. The
 * tasks run in a scope of the session room; any failure here ends all of them.
 */
package io.pageferry.send;
