/**
 * The seam between migrations and whatever keeps guests at rest: what a checkpoint is, for reading and for writing.
 *
 * <pre>
 *   {@link Checkpoint}           a guest at rest: configuration, RAM blocks, pages, device state, facts
 *   {@link CheckpointTarget}     where one is to be kept, and under which name: makes the writer
 *   {@link CheckpointWriter}     one that is being written: from many threads at once, complete or gone
 *   {@link SpaceReservation}     space that a writer asks for before it writes
 *   {@link CheckpointFacts}      what is known of it besides: guest, owner, place in the order of completion
 *   {@link WorkingSet}           which pages its guest needs first
 *   {@link CheckpointVerifier}   reads one from end to end
 * </pre>
 *
 * <p>{@code send} and {@code receive} know nothing else of where guests lie; {@code session} chooses. A mapped-ram file
 * ({@code io.pageferry.image}) is one implementation, and {@code CheckpointSuite} has the tests that all of them pass.
 *
 * <p>Threads: a checkpoint and a writer are opened, ended and closed by one thread at a time, and their pages are read
 * and written by any number of others, each with a reader or writer of its own.
 *
 * <p>To look into one: {@snippet file="io/pageferry/session/Examples.java" region="read"}
 */
package io.pageferry.checkpoint;
