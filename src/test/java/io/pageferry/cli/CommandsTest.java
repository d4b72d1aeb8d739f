package io.pageferry.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(10)
class CommandsTest {
    private static final List<String> NAMES = Commands.NAMES;

    @ParameterizedTest
    @FieldSource("NAMES")
    void shouldMakeTheCommandThatHasTheName(String name) {
        assertEquals(name, Commands.create(name).name());
    }

    @Test
    void shouldMakeNoCommandThatThereIsNot() {
        assertThrows(IllegalArgumentException.class, () -> Commands.create("ferry"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"receive", "receive --help", "--verbose receive x", "-V receive send", "receive @file"})
    void shouldNeedOneCommandWhenTheLineNamesIt(String line) {
        assertEquals(List.of("receive"), Commands.neededFor(line.split(" ")));
    }

    @ParameterizedTest
    @CsvSource({"--version, true", "-V, true", "-V --json, false", "receive --version, false", "-hV, false", "'', false"
    })
    void shouldKnowWhenNothingButTheVersionIsAskedFor(String line, boolean only) {
        assertEquals(only, Commands.asksForVersionOnly(line.split(" ")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "--help",
                "--help receive",
                "ferry",
                "--bogus receive",
                "@file",
                "-hV",
                "--verbose",
                "--verbose -V"
            })
    void shouldNeedAllWhenTheLineMayBeAboutAnyOfThem(String line) {
        assertEquals(NAMES, Commands.neededFor(line.split(" ")));
    }
}
