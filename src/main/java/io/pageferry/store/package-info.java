/**
 * A store of images, by guest and time. Who a guest is may be known only when its channels have come; it is filed then.
 *
 * <p>In a folder ({@link io.pageferry.store.folder}) it looks so:
 *
 * <pre>
 *   STORE/UUID/TIME.img        an image of a guest that has no owner, with TIME.img.json, its sidecar
 *   STORE/UUID@TAG/TIME.img    of one sent under TLS; TAG is 16 hexadecimal digits of the owner's SHA-256
 *   STORE/unknown/TIME.img     of a guest that has no uuid; unknown@TAG under TLS
 *   STORE/FOLDER/NAME.img      what a client named over QMP; refused while there is anything of that name
 *   STORE/.lock                held by the process that has the store
 *   STORE/.pageferry/          what the store itself keeps: order, a number higher than any image's
 * </pre>
 *
 * <p>Any other name that begins with a dot is of something unfinished. What holds:
 *
 * <ol>
 *   <li>An image has its name when it is whole and on disk, and its {@linkplain io.pageferry.checkpoint.CheckpointFacts
 *       facts} are on disk before: its place in the order of completion, its guest, its owner. An image without facts
 *       is a valid one, is nobody's, and counts as older than any with an order; one whose facts cannot be read stays
 *       until an operator has looked at it.
 *   <li>The owner is who sent it, proved under TLS: a certificate's distinguished name, or a pre-shared key's user, but
 *       none that is called {@code none} or like a uuid. Where TLS verifies nobody, everybody is nobody. A uuid is its
 *       peer's word, so it counts among one owner's guests only: images supersede each other where uuid <em>and</em>
 *       owner are the same ({@link Retention} has all rules), and who asks for a guest by its uuid gets one only where
 *       it cannot be another owner's ({@link ImageQuery}). Without TLS everybody who can connect is the same nobody,
 *       and may send a guest with anybody's uuid.
 *   <li>The order of completion is counted, never taken from a clock. Images of one guest get their names one after the
 *       other, so the one whose source was told last that its guest is safe is the newest, and a guest's newest image
 *       is removed by an operator only.
 *   <li>An image that is read stays as long as that takes.
 * </ol>
 *
 * <pre>
 *   {@link ImageStore}        who may take which name, which image is the newest of its guest, which may go
 *   {@link Catalogue}         what is there, what is being written, read, removed
 *   {@link StoreDestination}  a new image: its room on disk is reserved when the guest's RAM blocks are known
 *   {@link Retention}         which images need not be kept
 *   {@link Loan}              an image that is read and must stay
 *   {@link Adoption}          an operator's word that images are another owner's
 *   {@link StoreBackend}      where images lie
 * </pre>
 *
 * <p>A guest's folder is there as long as an image is in it. Whatever somebody else has put into one stays, and the
 * folder with it. Who may read images is {@link io.pageferry.image.ImageAccess}'s to say; the lock and what is in
 * {@code .pageferry} are the owner's alone.
 *
 * <p>What a guest can have written is reserved before it is ({@link io.pageferry.store.reservation}).
 *
 * <p>One process has a store, by a lock on a file in it. Everything here is for any thread.
 */
package io.pageferry.store;
