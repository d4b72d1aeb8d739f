/**
 * The link between source and target of a load test: loopback, or a pair of network namespaces with latency, loss and a
 * limited rate.
 *
 * <p>Nothing of it outlives the processes that use it. One thread opens and closes it.
 */
package io.pageferry.load.link;
