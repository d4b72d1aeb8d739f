package io.pageferry.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/** A diff can be read side by side: the formatter leaves strings and preformatted comments as they are. */
@Timeout(60)
class LineLengthTest {
    private static final int MOST_COLUMNS = 120;

    @TestFactory
    Stream<DynamicTest> shouldKeepToTheColumnsInCodeAndComments() {
        return Stream.of("src/main/java", "src/test/java", "perf/java", "src/build/java")
                .map(root -> DynamicTest.dynamicTest(root, () -> {
                    List<Path> files = files(Path.of(root));
                    assertTrue(files.size() > 1, root);
                    List<String> tooLong = new ArrayList<>();
                    for (Path file : files) {
                        tooLong.addAll(tooLong(file, Files.readAllLines(file)));
                    }
                    assertEquals(List.of(), tooLong);
                }));
    }

    @Test
    void shouldFindALineThatIsTooLong() {
        Path file = Path.of("A.java");
        assertEquals(List.of(), tooLong(file, List.of("", "x".repeat(MOST_COLUMNS))));
        assertEquals(List.of("A.java:2"), tooLong(file, List.of("", "x".repeat(MOST_COLUMNS + 1))));
    }

    private static List<String> tooLong(Path file, List<String> lines) {
        List<String> found = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).codePoints().count() > MOST_COLUMNS) {
                found.add(file + ":" + (i + 1));
            }
        }
        return found;
    }

    private static List<Path> files(Path root) throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            return all.filter(path -> path.toString().endsWith(".java")).toList();
        }
    }
}
