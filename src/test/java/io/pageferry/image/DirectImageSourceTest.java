package io.pageferry.image;

import io.pageferry.memory.PageSourceSuite;
import io.pageferry.memory.PageStore;
import io.pageferry.memory.RamLayout;
import io.pageferry.testing.LeakFree;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

@LeakFree
class DirectImageSourceTest extends PageSourceSuite {
    @TempDir
    private Path folder;

    @Override
    protected PageStore open(RamLayout layout) throws IOException {
        return new ImageStore(folder, layout, true, BUFFERS);
    }
}
