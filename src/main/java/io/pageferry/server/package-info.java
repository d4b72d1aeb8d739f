/**
 * The endpoint of a whole fleet: any number of guests at once, at one port, into one store.
 *
 * <pre>
 *   {@link GuestListener}     accepts at one address, reads who each is         a thread, one a connection
 *   {@link Gathering}         lets connections in, or refuses them              pure, under a lock
 *   {@link Joining}           whose connection is whose                         the same
 *   {@link AbandonedGuests}   what may still come of guests that were given up  the same
 *   {@link MigrationStarter}  starts migrations, closes who is refused          who brought it about
 *   {@link LastLook}          whether who is refused is looked at once more     the connection's, and that one
 *   {@link LastLooks}         how many are, in all and of each host             any
 *   {@link RefusalLog}        says and counts who was refused, and what for     any
 *   {@link Sweeper}           ends who takes too long, removes old images       a thread for each
 *   {@link Server}            all of it, and what goes out; begun, reloaded, drained, closed
 *   {@link StoreHost}         what QMP clients ask for: guests at other ports   the client's thread
 * </pre>
 *
 * <p>A migration begins when all its connections are there: until then a guest costs its connections and nothing else,
 * and there is a bound to those. From then on it is a scope of its own in
 * {@link io.pageferry.session.registry.Migrations}, which has the list of them all.
 *
 * <p>Guests of one host, and those of one TLS identity, have no more than a {@link HostShare} of the connections that
 * may wait, of those that are looked at once more, of the migrations that may run, of the memory for these, and of the
 * free room on disk, so that nobody alone can keep out all others. Each limit alone is no less than what one guest
 * needs, but for memory and room: a guest that would take more than its host's share of those is refused even where
 * nobody else is there.
 *
 * <p><b>Whose connection is whose.</b> Only connections that come to one address, from one source host and, under TLS,
 * of one identity can be of one guest. Among those:
 *
 * <ol>
 *   <li>Multifd channels with the same uuid are of one guest, and a main channel that has a uuid
 *       ({@code validate-uuid}) is of the guest whose channels have it.
 *   <li>A main channel that has none is joined to channels only where nothing else can be meant: it is the only such
 *       one, there are channels of one guest only that lack a main channel, and nobody from there has yet to say who it
 *       is.
 *   <li>Whatever is left of a guest that was given up is joined to nobody. Where something may still come of it, main
 *       channels without a uuid are refused, and so are channels without a main channel: until as many have been seen
 *       as it has, and for {@link Gathering#SETTLING_NANOS} at the most. That begins with a connection that is refused
 *       for the limits, breaks or takes too long before it has said who it is, or that the listener loses: each may be
 *       a main channel whose others come later. It begins with a main channel without a uuid that is refused, takes too
 *       long, or is ended by its source ({@link Gathering#LEAVING_NANOS}), and with channels that are refused or never
 *       get a main channel, and with a main channel that is taken to have no channels only because none has come, and
 *       not because a page has. Connections that show that they are of no guest change nothing, nor do those that are
 *       ended without a word.
 *   <li>Where two guests have one uuid they are refused, and so is that uuid for the same time. A source that has ended
 *       all it had comes again at once: what it had sent before is refused where it is found to be ended, and a main
 *       channel that is ended is not joined to channels that go on. Where it has ended two attempts of one guest with a
 *       uuid, their connections may still meet: they are of the same guest, and nobody waits for an answer.
 *   <li>A main channel without a uuid that is refused for this, and with which a page comes within three seconds, has
 *       no channels, whoever else is there: it is taken after all ({@link LastLook}).
 *   <li>A guest that was whole leaves nothing, however its migration ends, or if it never begins.
 * </ol>
 *
 * <p>Pages of one guest in another one would be noticed by nobody, so the rules must not only be likely to hold. They
 * do as long as this does, which no wire says:
 *
 * <ol>
 *   <li>A source connects its main channel first, and it is accepted first. Under TLS that cannot be otherwise.
 *       Without, the last packet of the main channel's handshake must have been lost; then two guests without uuids, at
 *       one moment from one host, could be mixed up.
 *   <li>A source connects all its channels within {@code SETTLING_NANOS} of its main channel, or never; what it sent
 *       before it ended its connections has come {@code LEAVING_NANOS} later. A source that is stopped for longer than
 *       that, with {@code kill -STOP} say, and then goes on, breaks this.
 *   <li>A uuid is one guest's, which migrates once at a time, ends an attempt's connections before it begins the next,
 *       and does not turn {@code validate-uuid} off in between.
 *   <li>Who shares host, address and identity with a guest means no harm: it can send channels that say that they are
 *       that guest's.
 * </ol>
 *
 * <p>With {@code validate-uuid} the first two do not matter. {@code GatheringModelTest} holds all of this: sources that
 * keep to it, and nothing else, do whatever else they can.
 */
package io.pageferry.server;
