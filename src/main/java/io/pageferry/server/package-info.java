/**
 * The endpoint of a whole fleet: any number of guests at once, at one port, into one store.
 *
 * <pre>
 *   {@link io.pageferry.server.Doorway}     accepts at one address, reads who each connection is       a thread, and one a connection
 *   {@link io.pageferry.server.Gathering}   joins connections to guests, or refuses them               pure, under a lock
 *   {@link io.pageferry.server.Reception}   acts on that: starts migrations, closes who is refused     the thread that brought it about
 *   {@link io.pageferry.server.Sweeper}     closes who takes too long, removes images that are too old a thread
 *   {@link io.pageferry.server.Server}      all of it, and what goes out; begun, reloaded, drained, closed
 *   {@link io.pageferry.server.StoreHost}   what QMP clients ask for: guests at addresses of their own      the client's thread
 * </pre>
 *
 * <p>A migration begins when all its connections are there: until then a guest costs its connections and nothing else, and there is a bound to those. From then
 * on it is a scope of its own in {@link io.pageferry.session.Migrations}, which has the list of them all.
 */
package io.pageferry.server;
