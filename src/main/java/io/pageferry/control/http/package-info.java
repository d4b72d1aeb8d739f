/**
 * HTTP: figures for Prometheus, a JSON view of migrations and images, and a page to watch them. {@link HttpEndpoint} is
 * the way in; it looks at a registry and a list of images ({@link HttpView}) and writes nothing of either but a
 * migration's cancelling.
 *
 * <pre>
 * GET  /                            the page; with page.js and page.css all there is of it
 * GET  /healthz  /readyz            the process is there; another migration would be taken up
 * GET  /metrics                     Prometheus' text, or OpenMetrics where that is asked for
 * GET  /api/migrations  /api/images   ?after=…&amp;limit=…: those behind one, so many
 * GET  /api/migrations/ID           with latencies by percentile
 * GET /api/events once a second, as server-sent events: the newest migrations, the first images, and how many
 * POST /api/migrations/ID/cancel    with the token only
 * </pre>
 *
 * <p>The server is the JDK's own, {@code jdk.httpserver}: small, kept by who keeps the JDK, at home on virtual threads,
 * with limits for headers, the time a request takes to come, and connections. It has two gaps that are filled here:
 * answers have no deadline ({@link Deadlines} interrupts what hangs in a write, which closes the connection), and a
 * request's body would be drained at the client's pace (bodies are not taken).
 *
 * <p>A third gap: its threads end with the first {@code Error}, and nobody takes their place. {@link SupervisedServer}
 * has them go on, or the whole of it begun anew.
 *
 * <p>It is at loopback, or else it has TLS and a token. At loopback without a token only requests for a name of
 * loopback see anything, so that no page from elsewhere looks in through a visitor's browser; nothing can be changed
 * then. The page sends the token in a header, so there is no cookie to be abused.
 *
 * <p>No request is on a migration's way: what is read are counters, which cost their writers nothing. What watchers are
 * sent is made once a second for all of them, one thread having the copy and none keeping a queue.
 *
 * <p>What is sent does not grow without a limit in memory: lists are written as they are made ({@link JsonList}), and
 * what is made every second, for watchers and for Prometheus, has no more than so many migrations, channels and images
 * ({@link HttpView}). Images are in the order of their names, migrations in that of their ids: who goes on after the
 * last one that it has misses none that stays.
 */
package io.pageferry.control.http;
