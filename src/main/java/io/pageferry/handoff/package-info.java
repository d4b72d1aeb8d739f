/**
 * How full jobs get to the channels and empty ones come back: by pointer, never by copy.
 *
 * <p>Each channel has a {@link Lane}: two single-producer single-consumer queues of JCTools, one with jobs for the
 * channel, one with the empty ones that it is done with. Whoever fills jobs swaps a full one for an empty one at
 * {@link Lanes#swap}, at the next lane that has one to give, round robin. That is QEMU's {@code multifd_send}: there a
 * flag, {@code pending_job}, says who owns the one slot of a channel, stored with release and loaded with acquire; here
 * the queues' offer and poll do the same for a few slots.
 *
 * <ol>
 *   <li>Ownership goes with the pointer. Who offered a job must not touch it any more; who polled it may.
 *   <li>Jobs of one lane are done in the order they were handed over. Between lanes there is no order.
 *   <li>A sync request is seen by a channel after all jobs that were handed over before it. There is one at a time.
 *   <li>Who has nothing to do parks. Nobody spins, sleeps or polls; an interrupt ends every wait.
 *   <li>Several threads may hand over at the same time; they take turns ({@code multifd_send_mutex}).
 * </ol>
 *
 * <p>Nothing is allocated by a hand-off. The room does not know what a job is.
 */
package io.pageferry.handoff;
