package io.pageferry.control.qmp;

import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.config.TlsSettings;
import io.pageferry.history.RefusalHistory;
import io.pageferry.metrics.MigrationListener;
import io.pageferry.session.registry.MigrationEntry;
import io.pageferry.session.registry.Migrations;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** What monitors work on: the process's migrations and its images. For any thread. */
public interface MigrationHost {
    /**
     * A migration that comes in.
     *
     * @param uri where it is waited for, with the real port
     */
    record Arrival(MigrationEntry entry, MigrationUri uri) {}

    Migrations migrations();

    /** Parameters with the limits that the process has, and that no client can change. */
    MigrationParameters.Builder parameters();

    /** What {@code tls-creds} may name: there is no {@code object-add}, credentials are the process's own. */
    Map<String, TlsSettings> credentials();

    /**
     * Waits for a guest.
     *
     * @param image the name of the image to write, which must be new; empty: one that the host chooses
     * @param guest the only one that is welcome; empty: any
     * @param listener is told of everything from the beginning on
     */
    Arrival receive(
            MigrationUri source,
            Optional<String> image,
            Optional<UUID> guest,
            MigrationParameters parameters,
            MigrationListener listener)
            throws IOException;

    /**
     * Sends an image.
     *
     * @param image its name, or its guest's uuid: the newest one is meant then
     * @param owner whose it has to be; where images of several owners could be meant one must be said
     * @param guest its uuid, as the destination has it; empty: the one that the image has, if any
     * @param listener is told of everything from the beginning on
     */
    MigrationEntry send(
            String image,
            Optional<String> owner,
            MigrationUri destination,
            Optional<UUID> guest,
            MigrationParameters parameters,
            MigrationListener listener)
            throws IOException;

    /**
     * A client was refused, and closed: counted, and told of in the log, where too many such lines are left out.
     *
     * @param reason what it is counted under; never a peer's word
     * @param from the client's host
     */
    void refuse(String reason, String from, String line);

    /** Who was refused last, and why. */
    RefusalHistory refused();

    /** What {@code x-image} takes for an image's location. */
    String nameOf(String image);

    /** Removes an image, whatever retention says of it. */
    void remove(String image) throws IOException;

    /** The images that there are. */
    ImageList images();
}
