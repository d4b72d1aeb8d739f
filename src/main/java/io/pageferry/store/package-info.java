/**
 * A folder of images, by guest and time: {@code DIR/UUID/TIME.img}, a guest without a uuid under {@code unknown}. Who a guest is may be known only
 * when its channels have come; it is filed then. A client may choose another name, {@code DIR/FOLDER/NAME.img}: that is never
 * taken twice, and such an image is not removed for its age or for being one of many.
 *
 * <pre>
 *   {@link io.pageferry.store.ImageStore}        lists, finds, removes what is too many or too old; cleans up when it is opened
 *   {@link io.pageferry.store.StoreDestination}  a new image: its room on disk is reserved when the guest's RAM blocks are known
 *   {@link io.pageferry.store.Loan}              an image that is read and must stay
 * </pre>
 *
 * <p>One process has a store, by a lock on a file in it. An image has its name when it is whole and on disk, so that whatever has another name after a crash is
 * rubbish. Everything here is for any thread.
 */
package io.pageferry.store;
