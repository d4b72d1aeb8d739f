/**
 * Foretells what a migration will be like, before it is done. What is measured is a guest and a link; the rest follows
 * from them, and is then tried.
 *
 * <pre>
 *   GuestProfile   by GuestMeter   an image's or synthetic guest's pages, and how each codec compresses them
 *   LinkProfile    by LinkMeter    rate of the link and both ends by number of channels: short migrations
 *   Throughput                     how fast pages go with a setting, and what holds them up
 *   PrecopyForecast → Forecast     rounds, total time, downtime, whether it ends at all: by send.Convergence
 *   Ranking                        which setting is best, and why
 *   Rehearsal → RehearsalReport    all of it; then the best ones are run, and told beside what was foretold
 * </pre>
 */
package io.pageferry.load.rehearsal;
