/**
 * Guests of our own making: they have RAM, dirty it at a rate that can be set, and keep a dirty log. For demos, load
 * and tests, where no QEMU is needed.
 *
 * <p>To a destination such a guest is QEMU's machine {@code none}, which has RAM and no devices:
 * {@link SyntheticOutgoingGuest} goes to a real {@code qemu -machine none -incoming …} as well as to a Pageferry.
 */
package io.pageferry.guest;
