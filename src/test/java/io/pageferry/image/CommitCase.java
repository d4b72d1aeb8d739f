package io.pageferry.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * An image that comes to a folder, and what is there before and after: its content and the sidecar's.
 *
 * @param before empty where there is no image
 * @param after what is there once it has come
 */
record CommitCase(Map<String, String> before, Map<String, String> after) {
    private static final String IMAGE = "an.img";
    private static final String SIDECAR = "an.img.json";

    /** What there can be: names are those of the constants, for messages and command lines. */
    enum Case {
        NEW(Map.of(), Map.of(IMAGE, "new")),
        NEW_WITH_SIDECAR(Map.of(), Map.of(IMAGE, "new", SIDECAR, "new facts")),
        REPLACING(Map.of(IMAGE, "old"), Map.of(IMAGE, "new")),
        SIDECAR_INSTEAD_OF_NONE(Map.of(IMAGE, "old"), Map.of(IMAGE, "new", SIDECAR, "new facts")),
        NONE_INSTEAD_OF_SIDECAR(Map.of(IMAGE, "old", SIDECAR, "old facts"), Map.of(IMAGE, "new")),
        SIDECAR_INSTEAD_OF_SIDECAR(
                Map.of(IMAGE, "old", SIDECAR, "old facts"), Map.of(IMAGE, "new", SIDECAR, "new facts")),
        OLD_IMAGE_IS_EMPTY(Map.of(IMAGE, "", SIDECAR, "old facts"), Map.of(IMAGE, "new", SIDECAR, "new facts"));

        final CommitCase story;

        Case(Map<String, String> before, Map<String, String> after) {
            story = new CommitCase(before, after);
        }
    }

    static Path image(Path folder) {
        return folder.resolve(IMAGE);
    }

    void begin(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        for (Map.Entry<String, String> file : before.entrySet()) {
            Files.writeString(folder.resolve(file.getKey()), file.getValue());
        }
    }

    void commit(Path folder) throws IOException {
        try (PendingFile file = PendingFile.create(image(folder), 0)) {
            file.channel().write(ByteBuffer.wrap(after.get(IMAGE).getBytes(StandardCharsets.US_ASCII)), 0);
            file.commit(after.getOrDefault(SIDECAR, "").getBytes(StandardCharsets.US_ASCII));
        }
    }

    /** Whatever has happened: never is the new image there with another sidecar than its own. */
    void requireNoMixture(Path folder, String when) throws IOException {
        Map<String, String> there = files(folder);
        there.keySet().removeIf(name -> name.startsWith("."));
        if ("new".equals(there.get(IMAGE))) {
            assertEquals(after, there, when);
        } else {
            assertEquals(before.get(IMAGE), there.get(IMAGE), when);
        }
    }

    void requireBefore(Path folder, String when) throws IOException {
        assertEquals(new TreeMap<>(before), files(folder), when);
    }

    void requireAfter(Path folder, String when) throws IOException {
        assertEquals(new TreeMap<>(after), files(folder), when);
    }

    void requireEither(Path folder, String when) throws IOException {
        Map<String, String> there = files(folder);
        assertTrue(there.equals(before) || there.equals(after), when + ": " + there);
    }

    private static Map<String, String> files(Path folder) throws IOException {
        Map<String, String> found = new TreeMap<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                found.put(file.getFileName().toString(), Files.readString(file));
            }
        }
        return found;
    }
}
