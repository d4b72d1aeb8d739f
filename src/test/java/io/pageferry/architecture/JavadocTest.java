package io.pageferry.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.DocumentationTool;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The documentation of what others build on: it can be built, its links lead somewhere, its examples are there. */
@Timeout(120)
class JavadocTest {
    private static final Path SOURCES = Path.of("src/main/java/io/pageferry");
    private static final List<String> ROOMS =
            List.of("checkpoint", "session", "session/info", "session/registry", "config");

    @TempDir
    Path folder;

    @Test
    void shouldBeBuiltWithoutWarnings() throws Exception {
        List<Path> sources = ROOMS.stream().flatMap(JavadocTest::sources).toList();
        assertEquals("", build(sources));
        String page = Files.readString(folder.resolve("io/pageferry/session/package-summary.html"));
        assertTrue(page.contains("CheckpointDestination.of("), "the example must be there");
    }

    @Test
    void shouldFindALinkThatLeadsNowhere() throws Exception {
        Path broken = Files.writeString(
                folder.resolve("Broken.java"), "/** See {@link Nowhere}. */\npublic final class Broken {}\n");
        assertFalse(build(List.of(broken)).isEmpty());
    }

    private String build(List<Path> sources) throws IOException {
        DocumentationTool tool = ToolProvider.getSystemDocumentationTool();
        StringWriter said = new StringWriter();
        List<String> options = List.of(
                "-quiet",
                "-Xdoclint:all,-missing",
                "--enable-preview",
                "--release",
                String.valueOf(Runtime.version().feature()),
                "--snippet-path",
                "src/test/java",
                "-classpath",
                System.getProperty("java.class.path"),
                "-d",
                folder.toString());
        try (StandardJavaFileManager files = tool.getStandardFileManager(null, null, null)) {
            boolean built = tool.getTask(said, files, null, null, options, files.getJavaFileObjectsFromPaths(sources))
                    .call();
            return said.toString().isEmpty() && !built ? "failed" : said.toString();
        }
    }

    private static Stream<Path> sources(String room) {
        try (Stream<Path> files = Files.list(SOURCES.resolve(room))) {
            return files.filter(file -> file.toString().endsWith(".java")).toList().stream();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
