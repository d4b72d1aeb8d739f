/**
 * One migration as a whole: its scope, its state, its outcome.
 *
 * <p>{@link IncomingMigration} and {@link OutgoingMigration} each run one migration to its end on the calling thread.
 * All its other threads are tasks of one {@link MigrationScope}, on virtual threads, some of which have a platform
 * thread do the moving of pages ({@link io.pageferry.net.SocketThreads}):
 *
 * <ol>
 *   <li>The first failure of any task cancels all others, by interrupt, and is the one reported; later ones are
 *       suppressed in it.
 *   <li>When {@code run} returns, however it does, no thread, socket, buffer or temporary file of the migration is
 *       left.
 *   <li>Interrupting the thread that runs a migration cancels it, and so does {@code cancel} from any other;
 *       {@code yank} cuts it off, and it has failed.
 *   <li>A guest that comes in is kept, and its source told so, by the main channel's task as soon as all has come; from
 *       then on it is too late to cancel ({@link MigrationScope#settle}). Threads end afterwards, as the guest stands
 *       still until its source knows.
 *   <li>What both ends know stays so: once the destination has said that it has the guest, or the source has been told,
 *       the migration has completed, and nothing that fails or is cancelled afterwards changes that. Where one end may
 *       say otherwise than the other, its line says why it cannot be known who has the guest ({@code handed-over}).
 *   <li>States move only along QEMU's table ({@link MigrationStatus}).
 * </ol>
 *
 * <p>A fault of ours, an {@code Error} too, ends the one migration that meets it: it has failed, releases all it has,
 * is said in the log in full, and counted ({@link io.pageferry.supervision.Faults}). Whoever is told of ends may fail
 * as well, and the others are told all the same. Memory is shared, so that where one takes the last of it another may
 * be the one that finds none: what keeps that from happening is the budget below.
 *
 * <p>Memory is part of admission. What a migration can take of heap, direct buffers and native memory is a formula of
 * its parameters ({@code MigrationMemory}), and is taken of the process's {@link io.pageferry.memory.MemoryBudget}
 * before it begins; what its peer decides on is taken when the peer has said it, and before it is made: bitmaps of the
 * guest's pages, zstd's windows, device state behind RAM as it grows. Whoever does not fit is refused, with a line that
 * says what was too much, and so is one whose host or TLS identity would have more than its share with all of its
 * migrations. Device state beside RAM is written to disk through page buffers; only a guest that stays in memory, as
 * those of load tests do, has it on the heap, and its RAM outside of it, without being asked.
 *
 * <p>{@link io.pageferry.session.registry.Migrations} has all of them that are in this process;
 * {@link io.pageferry.session.info.MigrationInfo} is what is told of one.
 *
 * <p>To take a guest in and keep it as an image: {@snippet file="io/pageferry/session/Examples.java" region="receive"}
 *
 * <p>To send it on: {@snippet file="io/pageferry/session/Examples.java" region="send"}
 */
package io.pageferry.session;
