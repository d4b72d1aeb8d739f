/**
 * Whole migrations that go wrong, by peers that lie, break off or fall silent. The peers are sockets that send bytes put together by hand: no QEMU would.
 *
 * <pre>
 *   {@link io.pageferry.hostile.Source}  all bytes that a good source sends, to be spoilt in one place
 *   {@link io.pageferry.hostile.Peer}    sends them
 *   {@link io.pageferry.hostile.Intake}  a migration into an image, and what must hold of it when it has failed
 *   {@link io.pageferry.hostile.Destination}  takes what is sent, and does with it what a test says
 * </pre>
 */
package io.pageferry.hostile;
