/**
 * Connections: listening, connecting, reading and writing in full, and never waiting for ever.
 *
 * <p>Everything blocks, and is meant to be called on virtual threads, or on platform ones. There are three ways out of
 * a wait besides its fulfilment:
 *
 * <ol>
 *   <li>an interrupt, which closes the connection that the thread is blocked in ({@code SocketChannel}'s own rule);
 *   <li>closing the connection from any other thread;
 *   <li>the {@link StallWatch} of the migration, which knows of every wait on the peer and fails when one has lasted
 *       too long, or when a peer that is to bring a guest has brought neither pages nor device state for too long. That
 *       a slow destination takes bytes, and that a source that pauses listens, it asks the kernel
 *       ({@link SocketState}).
 * </ol>
 *
 * <p>What a connection's bytes go through on their way is its {@link Transport}'s business, which a {@link Security}
 * makes: {@link Security#NONE} is the socket itself ({@link PlainTransport}). Whoever listens or connects is told which
 * one it is; TLS, the other kind, is in a room of its own, {@code net.tls}, which this one knows nothing of.
 *
 * <p>What a transport must do before the first byte, such as a handshake, belongs to the thread that uses the
 * connection ({@link Connection#begin}), has one deadline for all of it, and holds up nobody else.
 *
 * <p>Writing copies into the kernel, unless the channel has a {@link ZeroCopyOutput}: then the network reads memory
 * when it likes, and says when it is done. What it has not said that of ({@link ZeroCopyOutput#isDone}) it may read at
 * any time, long after the connection was closed or reset. This is in the same room, since a connection and its plain
 * transport hand it out, and it fails as they do: a room of its own would have arrows both ways.
 *
 * <p>Whoever calls C's library instead of the JDK keeps to the three ways out. {@link ZeroCopySocket} makes no call
 * that waits; its waits are a {@link SocketWait}'s, which an interrupt and closing shut the socket down for. The
 * resolver of names, which cannot be stopped, has a thread that is left to it ({@link HostLookup}). {@code SocketState}
 * asks without waiting: no other native call here waits for anybody.
 *
 * <p>The socket that a migration listens at in the file system has the mode that the umask says, as QEMU's has; the one
 * that commands come in at is its owner's alone ({@link Listener#openForOwner}).
 *
 * <p>Every failure of the peer or of the network is a {@link NetException} that names the channel and what was awaited
 * or sent.
 */
package io.pageferry.net;
