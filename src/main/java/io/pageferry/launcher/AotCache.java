package io.pageferry.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What the JVM has learnt of this program: its classes, loaded and linked, and which of its methods are worth
 * compiling, and how. A file beside the jar, which {@code prime} makes; the JVM itself finds out whether it is made for
 * this jar, this JDK and this machine. Compiled without previews.
 */
public final class AotCache {
    private static final String JAR = ".jar";
    private static final String CACHE = ".aot";

    private static final String USE = "-XX:AOTCache=";

    /** The JVM looks into a cache for damage only when told to; one that was made without has nothing to look at. */
    private static final String CHECKED = "-XX:+VerifySharedSpaces";

    /** Without a cache that fits all goes as it does without any, and needs no word. */
    private static final List<String> IN_SILENCE = List.of("-Xlog:aot*=off", "-Xlog:cds*=off");

    /**
     * Flags that the JVM does not start with beside ours have one of these in their names, or may bring such a flag.
     */
    private static final List<String> CLASHING =
            List.of("AOT", "Share", "share", "ArchiveClassesAtExit", "DumpLoadedClassList", "VMOptionsFile", "Flags=");

    private static final List<String> ENVIRONMENT = List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS");

    private AotCache() {}

    /** Where a jar's cache is, whether or not there is one. */
    public static Path beside(Path jar) {
        String name = jar.getFileName().toString();
        String stem = name.endsWith(JAR) ? name.substring(0, name.length() - JAR.length()) : name;
        return jar.resolveSibling(stem + CACHE);
    }

    /**
     * The flags that the JVM uses a jar's cache with: none where there is no cache, or an older one than the jar.
     *
     * @param given the JVM's flags that the user gave: where they say something about caches themselves, nothing is
     *     added
     */
    static List<String> flagsFor(Path jar, List<String> given, Map<String, String> environment) {
        Path cache = beside(jar);
        return isNewer(cache, jar) && !mayClash(given, environment) ? flagsToUse(cache) : List.of();
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
    public static boolean isOurs(String flag) {
        return flag.startsWith(USE) || flag.equals(CHECKED) || IN_SILENCE.contains(flag);
    }

    private static boolean isNewer(Path cache, Path jar) {
        try {
            return Files.isReadable(cache)
                    && Files.getLastModifiedTime(cache).compareTo(Files.getLastModifiedTime(jar)) >= 0;
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean mayClash(List<String> given, Map<String, String> environment) {
        Stream<String> inherited = ENVIRONMENT.stream()
                .map(name -> environment.getOrDefault(name, ""))
                .flatMap(flags -> Arrays.stream(flags.split("\\s+")));
        return Stream.concat(given.stream(), inherited).anyMatch(AotCache::mayClash);
    }

    private static boolean mayClash(String flag) {
        return flag.startsWith("@")
                || flag.startsWith("-X") && CLASHING.stream().anyMatch(flag::contains);
    }
}
