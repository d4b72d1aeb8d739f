/**
 * What is remembered of a server's past, beyond the log and across restarts: who was refused last, and why. It knows
 * nothing of connections, and is bounded in memory and on disk. What lies in its file is hostile until it has been
 * checked: a line that is none of its own is left out.
 */
package io.pageferry.history;
