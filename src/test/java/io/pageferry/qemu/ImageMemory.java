package io.pageferry.qemu;

import io.pageferry.checkpoint.CheckpointVerifier;
import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.image.Image;
import io.pageferry.memory.RamBlock;
import io.pageferry.session.IncomingMigration;
import io.pageferry.session.MemoryDestination;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.function.Predicate;

/** The RAM that an image has, loaded into this process to be compared. The image must be whole. */
final class ImageMemory implements AutoCloseable {
    /** What machine types up to 3.1 call a block that has a backend of its own. */
    private static final String OLD_NAME = "/objects/" + GuestRam.BLOCK;

    private final MemoryDestination destination = new MemoryDestination();

    private ImageMemory() {}

    static ImageMemory load(Path path) throws IOException {
        return load(new MigrationUri.ImageFile(path, 0));
    }

    static ImageMemory load(MigrationUri.ImageFile file) throws IOException {
        MigrationParameters parameters = MigrationParameters.defaults();
        ImageMemory memory = new ImageMemory();
        Image image = Image.open(file.path(), file.offset(), parameters.maxRam(), false);
        CheckpointVerifier.verify(image);
        BackgroundMigration.requireCompleted(
                IncomingMigration.from(image, parameters, memory.destination).run());
        return memory;
    }

    /** The block that is the guest's main RAM. */
    MemorySegment ram() {
        return block(name -> name.equals(GuestRam.BLOCK) || name.equals(OLD_NAME));
    }

    MemorySegment block(String name) {
        return block(name::equals);
    }

    private MemorySegment block(Predicate<String> name) {
        RamBlock block = destination.memory().layout().blocks().stream()
                .filter(candidate -> name.test(candidate.name()))
                .findFirst()
                .orElseThrow(() -> new AssertionError("image must have the block"));
        return destination.memory().region(block).segment().asSlice(0, block.lengthBytes());
    }

    @Override
    public void close() {
        destination.close();
    }
}
