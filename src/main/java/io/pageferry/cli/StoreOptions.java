package io.pageferry.cli;

import io.pageferry.config.ConfigException;
import io.pageferry.config.MigrationUri;
import io.pageferry.store.ImageQuery;
import io.pageferry.store.StoreException;
import io.pageferry.store.StoredImage;
import io.pageferry.store.folder.FolderStore;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Model.OptionSpec;

/** Options of an image that is asked for by its name in a store. */
final class StoreOptions {
    private final Value<Path> store;
    private final Value<String> owner;

    StoreOptions(CommandModel model) {
        store = model.add(
                Value.of(Path.class),
                OptionSpec.builder("--store")
                        .paramLabel("DIR")
                        .description("The folder of images, as serve keeps it, that IMAGE is in; a server may have"
                                + " it at the same time."));
        owner = model.add(
                Value.of(String.class),
                OptionSpec.builder("--owner")
                        .paramLabel("OWNER")
                        .description("Whose image of the store is meant: who sent it under TLS, a certificate's"
                                + " distinguished name or a pre-shared key's user; 'none' for nobody's. It must be"
                                + " said where IMAGE is a uuid that guests of several owners have."));
    }

    /**
     * Finds the image.
     *
     * @return empty where no store is given, so that what is asked for is no name in one
     */
    Optional<StoredImage> find(String name) throws StoreException {
        if (store.get() == null) {
            if (owner.get() != null) {
                throw new ConfigException("--owner must be of an image of a store, set --store: value=" + owner.get());
            }
            return Optional.empty();
        }
        return Optional.of(FolderStore.find(store.get(), new ImageQuery(name, Optional.ofNullable(owner.get()))));
    }

    /** The file of an image that was found. */
    MigrationUri.ImageFile fileOf(StoredImage found) {
        return new MigrationUri.ImageFile(store.get().resolve(found.name()), 0);
    }
}
