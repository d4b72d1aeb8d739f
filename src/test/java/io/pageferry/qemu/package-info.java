/**
 * Tests with real QEMUs, and what they need to run them.
 *
 * <pre>
 *   {@link RealQemu}          on a test class: skipped, with the command that installs QEMU, where it is missing
 *   {@link Qemu}              one QEMU process: its guest's RAM to look at, its serial console, its monitor
 *   {@link QmpClient}         the monitor
 *   {@link DirtyingGuest}     a boot sector that writes its RAM for ever, and what must hold of that RAM
 *   {@link LinuxGuest}        a Linux that hashes a part of its RAM again and again
 *   {@link Reception}         pageferry in this process, receiving
 *   {@link Replay}            pageferry in this process, sending an image
 * </pre>
 *
 * <p>A guest's RAM is a memory file of its QEMU, mapped here too. So a test sees what a guest has done without asking
 * it, and compares all of its RAM, byte by byte, with what has arrived elsewhere.
 *
 * <p>Every process ends when what started it is closed, and with this JVM at the latest. Waiting is on conditions, each
 * with a deadline.
 */
package io.pageferry.qemu;
