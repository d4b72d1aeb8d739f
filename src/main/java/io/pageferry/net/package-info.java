/**
 * Connections: listening, connecting, reading and writing in full, and never waiting for ever.
 *
 * <p>Everything blocks, and is meant to be called on virtual threads. There are three ways out of a wait besides its fulfilment:
 *
 * <ol>
 *   <li>an interrupt, which closes the connection that the thread is blocked in ({@code SocketChannel}'s own rule);
 *   <li>closing the connection from any other thread;
 *   <li>the {@link io.pageferry.net.StallWatch} of the migration, which knows of every wait on the peer and fails when one has lasted too
 *       long.
 * </ol>
 *
 * <p>Every failure of the peer or of the network is a {@link io.pageferry.net.NetException} that names the channel and what was
 * awaited or sent.
 */
package io.pageferry.net;
