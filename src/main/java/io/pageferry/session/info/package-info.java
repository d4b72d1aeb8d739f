/**
 * What is told outside of a migration: {@link MigrationInfo}, a snapshot of its state, times and counters in QEMU's
 * terms and units. In what form it is told is the business of who tells.
 */
package io.pageferry.session.info;
