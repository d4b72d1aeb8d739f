/**
 * Who takes in the guests of a load test: a worker, real QEMUs, or a sink behind a real link.
 *
 * <pre>
 *   {@link Target}           what a turn needs of it
 *   {@link PageferryTarget}  a worker of the test
 *   {@link QemuTarget}       a process of QEMU a guest, {@link IncomingQemu}
 *   {@link SinkTarget}       a {@link Sink}, which runs by itself, on another machine perhaps
 * </pre>
 */
package io.pageferry.load.target;
