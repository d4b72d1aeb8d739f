/**
 * Whole migrations that go wrong, by peers that lie, break off or fall silent. The peers are sockets that send bytes
 * put together by hand: no QEMU would.
 *
 * <pre>
 *   {@link Source}               all bytes that a good source sends, to be spoilt in one place
 *   {@link Recording}            the same of real QEMUs; {@link SentPages} are the pages in them
 *   {@link Peer}                 sends them
 *   {@link Intake}               a migration into an image, and what must hold of it when it has failed
 *   {@link FaultyDestination}  keeps what comes in, until its disk is full
 *   {@link Destination}          takes what is sent, and does with it what a test says
 * </pre>
 */
package io.pageferry.hostile;
