package io.pageferry.cli;

import io.pageferry.config.ConfigException;
import io.pageferry.config.MigrationUri;
import io.pageferry.store.ImageQuery;
import io.pageferry.store.StoreException;
import io.pageferry.store.StoredImage;
import io.pageferry.store.folder.FolderImages;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Model.OptionSpec;

/** Options of images that are asked for by their names in a store. */
final class StoreOptions {
    private final Value<Path> store;
    private final Value<String> owner;

    /**
     * Adds them.
     *
     * @param required whether the command has nothing to do without a store
     */
    StoreOptions(CommandModel model, boolean required) {
        store = model.add(
                Value.of(Path.class),
                OptionSpec.builder("--store")
                        .paramLabel("DIR")
                        .required(required)
                        .description("The folder of images, as serve keeps it; a server may have it at the same"
                                + " time."));
        owner = model.add(
                Value.of(String.class),
                OptionSpec.builder("--owner")
                        .paramLabel("OWNER")
                        .description("Whose image of the store is meant: who sent it under TLS, a certificate's"
                                + " distinguished name or a pre-shared key's user; 'none' for nobody's. It must be"
                                + " said where guests of several owners could be meant."));
    }

    boolean isGiven() {
        if (store.get() == null && owner.get() != null) {
            throw new ConfigException("--owner must be of an image of a store, set --store: value=" + owner.get());
        }
        return store.get() != null;
    }

    /** Looks into the store, which is given. */
    FolderImages images() throws StoreException {
        return FolderImages.in(store.get());
    }

    /** What a name means there. */
    ImageQuery query(String name) {
        return new ImageQuery(name, Optional.ofNullable(owner.get()));
    }

    /** Whether an image is of the owner that is asked for, or none is. */
    boolean isWanted(StoredImage image) {
        return owner.get() == null || owner.get().equals(image.owner().orElse("none"));
    }

    /**
     * Finds the image.
     *
     * @return empty where no store is given, so that what is asked for is no name in one
     */
    Optional<StoredImage> find(String name) throws StoreException {
        return isGiven() ? Optional.of(images().find(query(name))) : Optional.empty();
    }

    /** The file of an image that was found. */
    MigrationUri.ImageFile fileOf(StoredImage found) {
        return new MigrationUri.ImageFile(store.get().resolve(found.name()), 0);
    }

    Path folder() {
        return store.get();
    }
}
