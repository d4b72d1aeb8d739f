/**
 * The load test: drives migrations with synthetic guests against a target, and writes what came of it. Nobody imports this room but {@code cli}.
 *
 * <pre>
 *   {@link io.pageferry.load.ScenarioFile} → {@link io.pageferry.load.Scenario}…      what to do
 *   {@link io.pageferry.load.LoadTest}     → turns, alternating               when
 *     {@code Ends}: {@code Link}, two {@link io.pageferry.load.Worker} processes           between whom
 *     {@code TurnRunner}, {@code Arrivals}  → {@code Sent}…                           one turn, in open loop
 *     {@code TurnFigures}            → {@link io.pageferry.load.Turn}               its figures
 *   {@link io.pageferry.load.LoadResult}   → {@link io.pageferry.load.ReportFolder}         JSON, HdrHistogram logs, one page
 *   {@link io.pageferry.load.Comparison}   of two folders                     what has changed beyond the noise
 * </pre>
 *
 * <p>Source and target are processes of their own, so that each one's processor time can be told, and so that each can be in a network namespace. The process
 * that runs the test only tells them what to do and when, over UNIX sockets. All moments are of {@link java.lang.System#nanoTime}, which processes of one
 * machine share.
 */
package io.pageferry.load;
