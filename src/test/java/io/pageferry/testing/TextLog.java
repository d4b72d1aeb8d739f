package io.pageferry.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** A file that another process writes lines to. */
public record TextLog(Path path) {
    /** All that is there; empty where there is no file yet. */
    public String text() {
        try {
            return new String(Files.readAllBytes(path), StandardCharsets.UTF_8); // a console may say anything
        } catch (NoSuchFileException e) {
            return "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The lines that are whole. */
    public List<String> lines() {
        String text = text();
        return text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
    }
}
