/**
 * What a load test came to, in figures: each turn's metrics and latencies, and what may be said of few and noisy ones.
 *
 * <p>All is immutable or stateless, but HdrHistogram's histograms, which belong to who has made them.
 */
package io.pageferry.load.result;
