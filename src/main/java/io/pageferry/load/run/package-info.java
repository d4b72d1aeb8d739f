/**
 * Runs a load test: scenarios in turns, which alternate, each turn in open loop.
 *
 * <pre>
 *   {@link LoadTest}                              when: turns, alternating
 *     {@link TestbedPool}, {@link Testbed}        between whom: a link, two worker processes, {@link Credentials}
 *     {@link Ballast}                             in warm memory
 *     {@link TurnRunner}, {@link Arrivals}        one turn
 *     {@link TurnFigures}                         what it came to
 * </pre>
 *
 * <p>Source and target are processes of their own, so that each one's processor time can be told and each can be in a
 * network namespace. The process that runs the test only tells them what to do and when. All moments are of
 * {@link java.lang.System#nanoTime}, which the processes of a machine share.
 *
 * <p>A turn has a virtual thread a migration, all tasks of one scope: the first that cannot go on ends the turn, and
 * the test. A migration that fails is a result, and is counted. Everything else is done by the thread that runs the
 * test.
 */
package io.pageferry.load.run;
