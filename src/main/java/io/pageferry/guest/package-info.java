/**
 * Guests of our own making: they have RAM, dirty it at a rate that can be set, and keep a dirty log. For demos, load and tests, where no QEMU is needed.
 */
package io.pageferry.guest;
