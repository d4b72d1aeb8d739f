package io.pageferry.image;

import io.pageferry.checkpoint.CheckpointPlace;
import io.pageferry.checkpoint.CheckpointSuite;
import io.pageferry.testing.LeakFree;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

@LeakFree
class BufferedImageCheckpointTest extends CheckpointSuite {
    @TempDir
    private Path folder;

    @Override
    protected CheckpointPlace place() {
        return new ImagePlace(folder, 0, false);
    }
}
