package io.pageferry.cli;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What the JVM has learnt of this program: its classes, loaded and linked, and which of its methods are worth
 * compiling, and how. Two files beside the jar, which {@code prime} makes: the cache, and the options with which
 * {@code java} uses it, since a jar cannot ask for a cache itself. The JVM finds out whether a cache is made for this
 * JDK and this machine; whether it is for this jar, JDK 25.0.3 and before do not (JDK-8377932), and would run the
 * classes of the jar that the cache was made for. So the options name that jar.
 */
public final class AotCache {
    private static final String JAR = ".jar";
    private static final String CACHE = ".aot";
    private static final String OPTIONS = ".java-options";

    private static final String USE = "-XX:AOTCache=";

    /** The JVM looks into a cache for damage only when told to; one that was made without has nothing to look at. */
    private static final String CHECKED = "-XX:+VerifySharedSpaces";

    /** Without a cache that fits all goes as it does without any, and needs no word: stdout is for results. */
    private static final List<String> IN_SILENCE = List.of("-Xlog:aot*=off", "-Xlog:cds*=off");

    /** The jar that the cache in use was made for, where there is one. */
    private static final String MADE_FOR = "pageferry.cache.jar";

    private AotCache() {}

    /**
     * Ends the process where it runs with the cache of another jar. Nothing else is to run before: its class may be of
     * that jar.
     */
    static void requireThisJar() {
        String madeFor = System.getProperty(MADE_FOR);
        if (madeFor == null) {
            return;
        }
        String jar = System.getProperty("java.class.path");
        if (!madeFor.equals(identity(new File(jar)))) {
            System.err.println("pageferry: cache must be of this jar: start without the options of prime, and make it"
                    + " anew by prime: jar=" + jar);
            System.exit(ExitCode.USAGE);
        }
    }

    /** As the JVM knows a jar again: by its size and its time. */
    private static String identity(File jar) {
        return jar.length() + "@" + jar.lastModified();
    }

    /** Where a jar's cache is, whether or not there is one. */
    static Path beside(Path jar) {
        return sibling(jar, CACHE);
    }

    /** Where the options are with which a jar's cache is used: {@code java @FILE}. */
    static Path optionsBeside(Path jar) {
        return sibling(jar, OPTIONS);
    }

    private static Path sibling(Path jar, String ending) {
        String name = jar.getFileName().toString();
        String stem = name.endsWith(JAR) ? name.substring(0, name.length() - JAR.length()) : name;
        return jar.resolveSibling(stem + ending);
    }

    /** The flags that the JVM uses a cache with, where it fits. */
    public static List<String> flagsToUse(Path cache) {
        return flags(USE + cache);
    }

    /** The flags that the JVM writes a cache with when it ends. */
    public static List<String> flagsToMake(Path cache) {
        return flags("-XX:AOTCacheOutput=" + cache);
    }

    private static List<String> flags(String first) {
        List<String> flags = new ArrayList<>(List.of(first, CHECKED));
        flags.addAll(IN_SILENCE);
        return flags;
    }

    /** Whether a flag is one of those that a cache is used or made with. */
    static boolean isOurs(String flag) {
        return flag.startsWith(USE)
                || flag.startsWith("-D" + MADE_FOR)
                || flag.equals(CHECKED)
                || IN_SILENCE.contains(flag);
    }

    /** Writes the options with which a jar's cache is used, beside it. */
    static void writeOptions(Path jar) throws IOException {
        List<String> flags = flagsToUse(beside(jar));
        flags.add("-D" + MADE_FOR + "=" + identity(jar.toFile()));
        Files.write(optionsBeside(jar), flags.stream().map(AotCache::quoted).toList());
    }

    /** As {@code java} reads words of such files. */
    private static String quoted(String flag) {
        return '"' + flag.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
    }
}
