/**
 * What is done to page data on its way: nothing, so far, but to find the zero pages among it.
 *
 * <p>Threads: a channel's own thread calls in here, on memory that it holds.
 */
package io.pageferry.codec;
