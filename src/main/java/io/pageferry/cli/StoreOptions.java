package io.pageferry.cli;

import io.pageferry.config.ConfigException;
import io.pageferry.config.MigrationUri;
import io.pageferry.store.ImageQuery;
import io.pageferry.store.StoreException;
import io.pageferry.store.StoredImage;
import io.pageferry.store.folder.FolderStore;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Options of an image that is asked for by its name in a store. */
final class StoreOptions {
    @Option(
            names = "--store",
            paramLabel = "DIR",
            description =
                    "The folder of images, as serve keeps it, that IMAGE is in; a server may have it at the same time.")
    private Path store;

    @Option(
            names = "--owner",
            paramLabel = "OWNER",
            description =
                    "Whose image of the store is meant: who sent it under TLS, a certificate's distinguished name or a"
                            + " pre-shared key's user; 'none' for nobody's."
                            + " It must be said where IMAGE is a uuid that guests of several owners have.")
    private String owner;

    /**
     * Finds the image.
     *
     * @return empty where no store is given, so that what is asked for is no name in one
     */
    Optional<StoredImage> find(String name) throws StoreException {
        if (store == null) {
            if (owner != null) {
                throw new ConfigException("--owner must be of an image of a store, set --store: value=" + owner);
            }
            return Optional.empty();
        }
        return Optional.of(FolderStore.find(store, new ImageQuery(name, Optional.ofNullable(owner))));
    }

    /** The file of an image that was found. */
    MigrationUri.ImageFile fileOf(StoredImage found) {
        return new MigrationUri.ImageFile(store.resolve(found.name()), 0);
    }
}
