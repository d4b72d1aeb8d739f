/**
 * The processes that are the ends of a load test's migrations, and the JSON in which they are told what to do.
 *
 * <pre>
 *   {@link WorkerProcess}  starts a {@link Worker} in a process of its own, and asks it to do a {@link Job}
 *   {@link JsonConnection} one a job: it goes forth, {@link Sent} or {@link Received} come back
 *   {@link SourceGuests}   the guests of a worker that is a source, {@link Sampler} looks at them while they are sent
 * </pre>
 *
 * <p>A worker does each job on a virtual thread, and ends with the process that has started it.
 */
package io.pageferry.load.worker;
