/**
 * The load test: drives migrations with synthetic guests against a target, and writes what came of it. Only {@code cli}
 * imports this room.
 *
 * <pre>
 *   ScenarioFile → Scenario…                    what to do; Setting has every setting
 *   LoadTest                                    when: turns, alternating
 *     EndsPool, Ends: Link, two WorkerProcess   between whom
 *     Ballast                                   in warm memory
 *     TurnRunner, Arrivals, Target → Sent…      one turn, in open loop
 *     TurnFigures → Turn                        its figures, by Metric
 *   LoadResult → ReportFolder: Report, HtmlReport   JSON, HdrHistogram's logs, one page
 *   Comparison of two reports                   what has changed beyond the noise, by Statistics
 *   Sink, SinkTarget                            the other end of a real link
 * </pre>
 *
 * <p>{@link io.pageferry.load.rehearsal} foretells migrations, and uses all this to measure before and to see after.
 *
 * <p>Source and target are processes of their own ({@link Worker}), so that each one's processor time can be told and
 * each can be in a network namespace. The process that runs the test only tells them what to do and when, over UNIX
 * sockets, a connection a job. All moments are of {@link java.lang.System#nanoTime}, which the processes of a machine
 * share.
 *
 * <p>A turn has a virtual thread a migration, all tasks of one scope: the first that cannot go on ends the turn, and
 * the test. A migration that fails is a result, and is counted. Everything else is done by the thread that runs the
 * test.
 */
package io.pageferry.load;
