package io.pageferry.cli;

import io.pageferry.testing.GoldenImage;
import io.pageferry.testing.PageferryProcess;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A folder in which the packaged jar is started, with {@code an.img} in it. */
abstract class ServeScene {
    @TempDir
    Path folder;

    @TempDir
    Path output;

    PageferryProcess.Launch launch;

    @BeforeEach
    void putAnImageThere() throws IOException {
        launch = PageferryProcess.in(output).directory(folder);
        GoldenImage.write(folder.resolve("an.img"));
    }
}
