package io.pageferry.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pageferry.testing.GoldenImage;
import io.pageferry.testing.PageferryProcess;
import io.pageferry.testing.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Names that are not ASCII, where the locale is C; that others need no second start, {@code LauncherIT} sees to. */
@Timeout(120)
class Utf8LocaleIT {
    private static final Map<String, String> LOCALE_C = Map.of("LC_ALL", "C");
    private static final String NAME = "gäste-客";

    @TempDir
    private Path folder;

    @Test
    void shouldKnowAFileByItsName() throws Exception {
        GoldenImage.write(folder.resolve(NAME));
        Result result = PageferryProcess.in(folder).environment(LOCALE_C).run("inspect", "--json", NAME);
        assertEquals(NAME, result.completed().json().get("image").asString());
    }

    @Test
    void shouldWorkInAFolderWithSuchAName() throws Exception {
        Path here = Files.createDirectory(folder.resolve(NAME));
        try (PageferryProcess process = PageferryProcess.in(folder)
                .directory(here)
                .environment(LOCALE_C)
                .start("serve", "--listen", "tcp:127.0.0.1:0", "--store", "images")) {
            process.awaitListening();
            assertTrue(Files.isDirectory(here.resolve("images")), process::toString);
        }
    }

    @Test
    void shouldKnowTheNamesOfAServersConfiguration() throws Exception {
        Path config = Files.writeString(
                folder.resolve("serve.json"), "{\"listen\": \"tcp:127.0.0.1:0\", \"store\": \"" + NAME + "\"}");
        try (PageferryProcess process =
                PageferryProcess.in(folder).environment(LOCALE_C).start("serve", "--config", config)) {
            process.awaitListening();
            assertTrue(Files.isDirectory(folder.resolve(NAME)), process::toString);
        }
    }

    @Test
    void shouldSayWhatToDoWhenItCannotStartItselfAgain() throws Exception {
        assumeTrue(canUnshare(), "skipped: this machine does not let us mount a file system of our own (unshare -rm)");
        // Without /proc it cannot know its own command line. The JDK finds its libraries there, too.
        Path libraries = PageferryProcess.JAVA.getParent().resolveSibling("lib");
        String line = PageferryProcess.in(folder)
                .wrapper("unshare", "-rm", "sh", "-c", "mount -t tmpfs tmpfs /proc && exec \"$@\"", "sh")
                .environment(Map.of("LC_ALL", "C", "LD_LIBRARY_PATH", libraries.toString()))
                .run("inspect", NAME)
                .failed(2);
        assertTrue(
                line.startsWith("pageferry: needs a locale with UTF-8 for names that are not ASCII, and could not start"
                        + " itself again in one: set LC_ALL=C.UTF-8: "),
                line);
    }

    private static boolean canUnshare() throws Exception {
        return new ProcessBuilder("unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", "/proc")
                        .start()
                        .waitFor()
                == 0;
    }
}
