/**
 * Who has reserved how much of a store's space, and what is its share: {@link Reservations} has one {@link Reservation}
 * for each guest that comes.
 *
 * <ol>
 *   <li>All that a guest can have written is reserved before it is: its RAM and what stands around it when its RAM
 *       blocks are known, along with {@link Reservation#STEP_BYTES} of device state, and more of that in such steps. A
 *       step that finds no room ends that guest alone.
 *   <li>A reservation that nothing was written to for {@code stall-timeout} is given to who needs it; whoever writes
 *       then has to reserve anew, or is ended.
 *   <li>With all its guests, one host or identity holds no more than its share of the room that is free.
 * </ol>
 *
 * <p>How much is free the store's backend says; who writes asks through
 * {@link io.pageferry.checkpoint.SpaceReservation}. Everything here is for any thread.
 */
package io.pageferry.store.reservation;
