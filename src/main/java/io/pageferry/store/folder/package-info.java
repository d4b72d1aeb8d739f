/**
 * A store in a folder of a disk: {@link FolderStore}, a {@link io.pageferry.store.StoreBackend}.
 *
 * <pre>
 *   {@link StoreFolder}      what lies in the folder when it is opened; what a dead process has left goes
 *   {@link GuestFolders}     come with a guest's first image and go with its last
 *   {@link CompletionOrder}  numbers for images in the order in which they are completed, durable
 * </pre>
 *
 * <p>{@code STORE/.lock} is held for as long as the process has the store. The rules are those of
 * {@link io.pageferry.store}; for any thread.
 */
package io.pageferry.store.folder;
