/**
 * Guest memory and what is known of it: RAM blocks, page bitmaps, page batches, and the two interfaces that a page goes
 * through, {@link PageSource} and {@link PageSink}.
 *
 * <p>Page data lives outside the heap, in {@link MemoryRegion}s. A page is named by its block and its offset in it;
 * many of them in one block make a {@link PageBatch}, which has room for the multifd packet that they come in or go out
 * as. The bytes themselves are moved as runs of neighbouring pages, gathered in an {@link IoVector}.
 *
 * <pre>
 *   sending     LoadingPageSource --openReader--> PageLoader --load(batch)--> LoadedPages --> IoVector --> socket
 *   copying     PageSource --openReader--> PageReader --read(batch)--> memory that the reader's caller has
 *   receiving   socket or file --> IoVector &lt;--prepare(batch)-- PageWriter --commit(batch)--> PageSink
 * </pre>
 *
 * <p>Guest memory is fresh from the kernel, or {@link WarmMemory} that another guest has left. What is fresh is cleared
 * by the kernel when it is touched; {@link FirstTouches} has that done once for each huge page.
 *
 * <p>Memory that is sent without a copy is {@linkplain MemoryRegion#lend lent} to the network until the kernel has said
 * that it is done with it. Until then nobody else has it: what is still lent when its user is through with it, as the
 * migration was cancelled or its connection broke, is unmapped by {@link BufferPool pool} and {@link WarmMemory} alike,
 * never written to, and never handed on. The kernel keeps the pages as they were for as long as it reads them, and
 * whoever waits for a buffer gets fresh memory in the place of the lost one.
 *
 * <p>Threads: a source or sink is shared by all channels of a migration; a reader, writer, vector or batch belongs to
 * one thread at a time. Nothing here is allocated per batch: what a channel needs it makes when it starts.
 */
package io.pageferry.memory;
