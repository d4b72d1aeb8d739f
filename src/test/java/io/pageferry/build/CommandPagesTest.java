package io.pageferry.build;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.cli.Main;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What shells are told of the command line. */
@Timeout(30)
class CommandPagesTest {
    @Test
    void shouldCompleteValuesAsTheyAreTakenWhenShellIsBash() {
        String script = CommandPages.bash(Main.model());
        assertTrue(script.contains("_option_args=(\"none\" \"zlib\" \"zstd\" \"qpl\" \"uadk\" \"qatzip\")"), script);
        assertTrue(script.contains("_option_args=(\"on\" \"off\" \"auto\")"), script);
    }

    @Test
    void shouldCompleteValuesAsTheyAreTakenWhenShellIsFish() {
        String script = CommandPages.fish(Main.model());
        assertTrue(script.contains(" -l multifd-compression -r -f -a 'none zlib zstd qpl uadk qatzip' -d "), script);
        assertTrue(script.contains(" -l max-ram -r -d "), script);
    }
}
