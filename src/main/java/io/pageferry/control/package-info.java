/**
 * How the outside drives and watches migrations: {@link io.pageferry.control.qmp}, {@link io.pageferry.control.http}.
 * It knows sessions and their figures and connections, and nothing of pages.
 */
package io.pageferry.control;
