package io.pageferry.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.testing.GoldenImage;
import io.pageferry.testing.LeakFree;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@LeakFree
@Timeout(60)
class ExamplesTest {
    @TempDir
    Path folder;

    @Test
    void shouldDoWhatTheDocumentationShows() throws Exception {
        Path saved = Files.write(folder.resolve("saved.img"), GoldenImage.bytes());
        Path received = folder.resolve("received.img");
        CompletableFuture<MigrationUri> listening = new CompletableFuture<>();
        FutureTask<MigrationOutcome> receiving = new FutureTask<>(() -> Examples.receive(received, listening));
        Thread thread = Thread.ofVirtual().start(receiving);
        assertTrue(Examples.send(saved, listening.get(30, TimeUnit.SECONDS)).completed());
        assertTrue(receiving.get(30, TimeUnit.SECONDS).completed());
        thread.join();
        String bytes = Examples.firstBytes(received, MigrationParameters.DEFAULT_MAX_RAM);
        assertEquals(Examples.firstBytes(saved, MigrationParameters.DEFAULT_MAX_RAM), bytes);
        assertTrue(bytes.contains(" pages of "), bytes);
    }
}
