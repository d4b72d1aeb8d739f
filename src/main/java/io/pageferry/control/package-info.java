/**
 * What all that drives and watches migrations from outside has in common: how their figures are written, and who has
 * had something changed. {@link io.pageferry.control.qmp} and {@link io.pageferry.control.http} know sessions and their
 * figures and connections, and nothing of pages.
 */
package io.pageferry.control;
