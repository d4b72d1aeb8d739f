/**
 * Connections: listening, connecting, TLS, reading and writing in full, and never waiting for ever.
 *
 * <p>Everything blocks, and is meant to be called on virtual threads, or on platform ones. There are three ways out of
 * a wait besides its fulfilment:
 *
 * <ol>
 *   <li>an interrupt, which closes the connection that the thread is blocked in ({@code SocketChannel}'s own rule);
 *   <li>closing the connection from any other thread;
 *   <li>the {@link StallWatch} of the migration, which knows of every wait on the peer and fails when one has lasted
 *       too long, or when a peer that is to bring a guest has brought neither pages nor device state for too long.
 * </ol>
 *
 * <p>What a connection's bytes go through on their way is its transport's business:
 *
 * <pre>
 *   {@link PlainTransport}   the socket itself
 *   {@link BoringTransport}  TLS with certificates, by BoringSSL            {@link BoringSecurity}
 *   {@link JsseTransport}    the same by JSSE, where BoringSSL cannot be    {@link JsseSecurity}
 *   {@link PskTransport}     TLS with pre-shared keys, by Bouncy Castle     {@link PskSecurity}
 * </pre>
 *
 * <p>{@link X509Security} chooses who does TLS with certificates; {@link X509Credentials} has read and checked them.
 * BoringSSL's memory is not the garbage collector's: it is given back when a connection is closed, by the last thread
 * that leaves it ({@link Occupancy}), so every connection must be closed, as every socket must.
 *
 * <p>A handshake belongs to the thread that uses the connection ({@link Connection#begin}), has one deadline for all of
 * it, and holds up nobody else. {@link PeerCheck} says whether a peer's certificate is good; {@link TlsFaults} what is
 * wrong, in the words that a user needs. An end without close_notify is {@linkplain Connection#requireProperEnd an
 * error} with peers that are known to send it.
 *
 * <p>Writing copies into the kernel, unless the channel has a {@link ZeroCopyOutput}: then the network reads memory
 * when it likes, and says when it is done. What it has not said that of ({@link ZeroCopyOutput#isDone}) it may read at
 * any time, long after the connection was closed or reset.
 *
 * <p>Whoever calls C's library instead of the JDK keeps to the three ways out. {@link ZeroCopySocket} makes no call
 * that waits; its waits are a {@link SocketWait}'s, which an interrupt and closing shut the socket down for. The
 * resolver of names, which cannot be stopped, has a thread that is left to it ({@link HostLookup}). {@code SocketState}
 * polls without waiting, and BoringSSL works in memory: no other native call here waits for anybody.
 *
 * <p>The socket that a migration listens at in the file system has the mode that the umask says, as QEMU's has; the one
 * that commands come in at is its owner's alone ({@link Listener#openForOwner}).
 *
 * <p>Every failure of the peer or of the network is a {@link NetException} that names the channel and what was awaited
 * or sent.
 */
package io.pageferry.net;
