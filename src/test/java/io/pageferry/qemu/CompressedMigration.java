package io.pageferry.qemu;

import io.pageferry.config.MigrationParameters;
import java.nio.file.Path;

/** One way of a guest whose pages are compressed, with its RAM compared. */
final class CompressedMigration {
    private CompressedMigration() {}

    /** Takes a QEMU's guest. */
    static void receive(Qemu source, Path image, MigrationParameters parameters) throws Exception {
        source.set("multifd-compression", parameters.compression().qemuName());
        Reception.take(source, image, parameters);
        try (ImageMemory memory = ImageMemory.load(image)) {
            GuestRam.requireSame(source.ram(), memory.ram());
        }
    }

    /** Sends an image to a QEMU that waits for it, and leaves the guest paused. */
    static void send(Path image, Qemu destination, MigrationParameters parameters) throws Exception {
        destination.set("multifd-compression", parameters.compression().qemuName());
        try (ImageMemory memory = ImageMemory.load(image)) {
            Replay.send(image, destination.listen(parameters.multifdChannels()), parameters);
            destination.awaitRunState("paused");
            GuestRam.requireSame(memory.ram(), destination.ram());
        }
    }
}
