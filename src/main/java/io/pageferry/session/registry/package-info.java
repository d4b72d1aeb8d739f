/**
 * All migrations of this process: {@link Migrations} admits them, runs each on a virtual thread of its own, and lists
 * those that run and the last ones that have ended as {@link MigrationEntry}.
 *
 * <p>Admission is by number ({@code max-migrations}) and by memory ({@link io.pageferry.memory.MemoryBudget}); who does
 * not fit is refused before anything is done. Each that begins or ends has a line in the log. For any thread.
 */
package io.pageferry.session.registry;
