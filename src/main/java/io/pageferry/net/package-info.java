/**
 * Connections: listening, connecting, TLS, reading and writing in full, and never waiting for ever.
 *
 * <p>Everything blocks, and is meant to be called on virtual threads, or on platform ones. There are three ways out of a wait besides its fulfilment:
 *
 * <ol>
 *   <li>an interrupt, which closes the connection that the thread is blocked in ({@code SocketChannel}'s own rule);
 *   <li>closing the connection from any other thread;
 *   <li>the {@link io.pageferry.net.StallWatch} of the migration, which knows of every wait on the peer and fails when one has lasted too
 *       long, or when a peer that is to bring a guest has brought neither pages nor device state for too long.
 * </ol>
 *
 * <p>What a connection's bytes go through on their way is its transport's business:
 *
 * <pre>
 *   {@link io.pageferry.net.PlainTransport}   the socket itself
 *   {@link io.pageferry.net.BoringTransport}  TLS with certificates, by BoringSSL            {@link io.pageferry.net.BoringSecurity}
 *   {@link io.pageferry.net.JsseTransport}    the same by JSSE, where BoringSSL cannot be    {@link io.pageferry.net.JsseSecurity}
 *   {@link io.pageferry.net.PskTransport}     TLS with pre-shared keys, by Bouncy Castle     {@link io.pageferry.net.PskSecurity}
 * </pre>
 *
 * <p>{@link io.pageferry.net.X509Security} chooses who does TLS with certificates; {@link io.pageferry.net.X509Credentials} has read and checked them. BoringSSL's
 * memory is not the garbage collector's: it is given back when a connection is closed, by the last thread that leaves it ({@link io.pageferry.net.Occupancy}), so
 * every connection must be closed, as every socket must.
 *
 * <p>A handshake belongs to the thread that uses the connection ({@link io.pageferry.net.Connection#begin}), has one deadline for all of it, and holds up nobody
 * else. {@link io.pageferry.net.PeerCheck} says whether a peer's certificate is good; {@link io.pageferry.net.TlsFaults} what is wrong, in the words that
 * a user needs. An end without close_notify is {@linkplain io.pageferry.net.Connection#requireProperEnd an error} with peers that are known to send it.
 *
 * <p>Writing copies into the kernel, unless the channel has a {@link io.pageferry.net.ZeroCopyOutput}: then the network
 * reads memory when it likes, and says when it is done. What it has not said that of ({@link
 * io.pageferry.net.ZeroCopyOutput#isDone}) it may read at any time, long after the connection was closed or reset.
 *
 * <p>Whoever calls C's library instead of the JDK keeps to the three ways out. {@link io.pageferry.net.ZeroCopySocket}
 * makes no call that waits; its waits are a {@link io.pageferry.net.SocketWait}'s, which an interrupt and closing shut
 * the socket down for. The resolver of names, which cannot be stopped, has a thread that is left to it ({@link
 * io.pageferry.net.HostLookup}). {@code SocketState} polls without waiting, and BoringSSL works in memory: no other
 * native call here waits for anybody.
 *
 * <p>The socket that a migration listens at in the file system has the mode that the umask says, as QEMU's has; the one
 * that commands come in at is its owner's alone ({@link io.pageferry.net.Listener#openForOwner}).
 *
 * <p>Every failure of the peer or of the network is a {@link io.pageferry.net.NetException} that names the channel and what was
 * awaited or sent.
 */
package io.pageferry.net;
