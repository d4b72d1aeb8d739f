/**
 * What becomes of a thread's work when that meets a fault: a {@code RuntimeException} that nobody expected, or an
 * {@code Error}, such as {@code OutOfMemoryError}.
 *
 * <pre>
 *   {@link Faults}      one piece of work: what fails is that, and nothing else; noted in the log, counted by place
 *   {@link Loop}        a thread that takes turns while its owner lives: a turn that fails is noted, the next follows
 *   {@link UncaughtFaults}  the process ends, with an exit code that systemd takes for a failure
 *   {@link Threads}     waiting for a thread to end, whatever interrupts come
 *   {@link Closeables}  closing what nobody needs any more, where a failure means nothing
 * </pre>
 *
 * <p>A process is never half alive:
 *
 * <ol>
 *   <li>Each thread of ours that serves others is a {@code Loop}, or does pieces of work that {@code Faults} contains.
 *   <li>A loop none of whose turns comes to its end any more, and a thread that ends by a fault all the same, because
 *       it is not ours or because of a fault in this room, is the process's end: {@code UncaughtFaults}. Nobody would
 *       know what waits for it.
 *   <li>What is contained frees what it holds, as after any other failure: clean-up is in {@code finally}, or in a
 *       {@code catch} of {@code Throwable}.
 * </ol>
 *
 * <p>Noting a fault never fails itself, since a thread that is out of memory is about to do it.
 *
 * <p>Any room may import this one. It starts no thread but loops, which their makers end by interrupt.
 */
package io.pageferry.supervision;
