/**
 * An endpoint for QEMU's live migration over multifd: the map of the rooms.
 *
 * <pre>
 * send     memory | checkpoint → send: round planner → page batch → lane → channel sender → codec → wire → net
 * receive  net → wire (validated) → receive: channel receiver → codec → page sink → memory | checkpoint
 * </pre>
 *
 * <p>A page takes one way through, never back. Beside it runs the control: {@code cli} → {@code session} → {@code send}
 * or {@code receive}.
 *
 * <ul>
 *   <li>{@link io.pageferry.config}: settings, checked once and immutable from then on; sizes, URIs, spans of time
 *   <li>{@link io.pageferry.memory}: guest memory, RAM blocks, page bitmaps, page batches; what pages are read from and
 *       written to
 *   <li>{@link io.pageferry.wire}: multifd packets as they lie in memory, and what a peer may put into them
 *   <li>{@link io.pageferry.stream}: the main channel, from its header to the vmdescription
 *   <li>{@link io.pageferry.handoff}: how jobs get from one thread to another
 *   <li>{@link io.pageferry.net}: sockets with deadlines; {@link io.pageferry.net.tls}: TLS on them
 *   <li>{@link io.pageferry.codec}: what is done to pages between memory and wire
 *   <li>{@link io.pageferry.metrics}: counters, latencies, and how far a migration is
 *   <li>{@link io.pageferry.checkpoint}: what a guest at rest is, for reading and for writing;
 *       {@link io.pageferry.image}: mapped-ram files, one way to keep it
 *   <li>{@link io.pageferry.send}, {@link io.pageferry.receive}: the two halves of a migration, which do not know each
 *       other
 *   <li>{@link io.pageferry.session}: one migration as a whole; {@link io.pageferry.session.registry}: all of them;
 *       {@link io.pageferry.session.info}: what is told of them
 *   <li>{@link io.pageferry.guest}: a synthetic guest that dirties its RAM
 *   <li>{@link io.pageferry.store}: images by guest and time, in a folder ({@link io.pageferry.store.folder})
 *   <li>{@link io.pageferry.server}: any number of guests at one port: whose connection is whose, and what is too much
 *   <li>{@link io.pageferry.control}: how the outside drives and watches migrations: QMP, HTTP
 *   <li>{@link io.pageferry.load}: load tests, which drive migrations of such guests and report; rooms of their own
 *       within
 *   <li>{@link io.pageferry.cli}: the commands; {@link io.pageferry.launcher} starts them with the flags that the JVM
 *       needs
 * </ul>
 *
 * <p>Which room may use which is held by a test, {@code ArchitectureTest}.
 */
package io.pageferry;
