/**
 * TLS: transports that protect a connection's bytes, and the credentials that they prove themselves with.
 *
 * <pre>
 *   {@link TlsSecurity}      chooses by what {@code tls-creds} has
 *   {@link BoringTransport}  certificates, by BoringSSL                     {@link BoringSecurity}
 *   {@link JsseTransport}    the same by JSSE, where BoringSSL cannot be    {@link JsseSecurity}
 *   {@link PskTransport}     pre-shared keys, by Bouncy Castle              {@link PskSecurity}
 * </pre>
 *
 * <p>{@link X509Security} chooses who does TLS with certificates; {@link X509Credentials} has read and checked them.
 * {@link PeerCheck} says whether a peer's certificate is good; {@link TlsFaults} what is wrong, in the words that a
 * user needs.
 *
 * <p>How a session ends is the same for all three, in {@link TlsTransport}: each end sends close_notify before it
 * closes, and an end without one is an {@linkplain io.pageferry.net.Connection#requireProperEnd error} with peers that
 * are known to send it.
 *
 * <p>BoringSSL's memory is not the garbage collector's: it is given back when a connection is closed, by the last
 * thread that leaves it ({@link UseCount}), so every connection must be closed, as every socket must. BoringSSL works
 * in memory, and waits for nobody.
 *
 * <p>Threads: a security or credentials are for any; a transport has one that reads and one that writes, and is closed
 * by any.
 *
 * <p>What is wrong with files is a {@link io.pageferry.net.NetException}; what is wrong with a session a
 * {@link TlsException}, which its connection puts its name into.
 */
package io.pageferry.net.tls;
