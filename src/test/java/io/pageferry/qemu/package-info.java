/**
 * Tests with real QEMUs, and what they need to run them.
 *
 * <pre>
 *   {@link io.pageferry.qemu.RealQemu}          on a test class: skipped, with the command that installs QEMU, where it is missing
 *   {@link io.pageferry.qemu.Qemu}              one QEMU process: its guest's RAM to look at, its serial console, its monitor
 *   {@link io.pageferry.qemu.QmpClient}         the monitor
 *   {@link io.pageferry.qemu.DirtyingGuest}     a boot sector that writes its RAM for ever, and what must hold of that RAM
 *   {@link io.pageferry.qemu.LinuxGuest}        a Linux that hashes a part of its RAM again and again
 *   {@link io.pageferry.qemu.Reception}         pageferry in this process, receiving
 *   {@link io.pageferry.qemu.Replay}            pageferry in this process, sending an image
 * </pre>
 *
 * <p>A guest's RAM is a memory file of its QEMU, mapped here too. So a test sees what a guest has done without asking it, and compares all of its RAM, byte by
 * byte, with what has arrived elsewhere.
 *
 * <p>Every process ends when what started it is closed, and with this JVM at the latest. Waiting is on conditions, each with a deadline.
 */
package io.pageferry.qemu;
