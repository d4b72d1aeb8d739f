package io.pageferry.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The package's launcher names its class path, so that the JVM reads no manifest: it must ask for the same itself. */
class LauncherFlagsTest {
    private static final Pattern ENTRY = Pattern.compile("<(Add-Opens|Add-Exports|Enable-Native-Access)>([^<]+)<");
    private static final Pattern FLAG =
            Pattern.compile("--(add-opens|add-exports|enable-native-access)=(\\S+?)(?:=ALL-UNNAMED)?(?=[\"\\s])");

    @Test
    void shouldAskForWhatTheManifestDoes() throws IOException {
        Set<String> manifest = found(ENTRY, Path.of("pom.xml"));
        assertFalse(manifest.isEmpty());
        assertEquals(manifest, found(FLAG, Path.of("src/packaging/bin/pageferry")));
    }

    private static Set<String> found(Pattern pattern, Path file) throws IOException {
        Matcher matcher = pattern.matcher(Files.readString(file));
        return matcher.results()
                .flatMap(result -> Pattern.compile("\\s+")
                        .splitAsStream(result.group(2).strip())
                        .map(what -> result.group(1).toLowerCase(Locale.ROOT) + " " + what))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
