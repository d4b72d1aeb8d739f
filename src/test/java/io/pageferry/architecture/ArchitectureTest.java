package io.pageferry.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/** Holds the table of rooms: who may import whom, and what no room but a few may do. */
@Timeout(60)
class ArchitectureTest {
    private static final String ROOT = "io.pageferry";
    private static final Path SOURCES = Path.of("src/main/java/io/pageferry");

    /** Senders and receivers know what a checkpoint is, and not what it lies in. */
    private static final Set<String> DATA_BUT_IMAGES =
            Set.of("config", "memory", "wire", "stream", "handoff", "net", "codec", "metrics", "checkpoint");

    private static final Set<String> DATA = with(DATA_BUT_IMAGES, "image");

    /** What drives and watches migrations may know of them. */
    private static final Set<String> SESSION = Set.of("session", "session.info", "session.registry");

    /** The rooms that any other may import. */
    private static final Set<String> ANYBODYS = Set.of("supervision", "foreign");

    /** A room, which is a package by its name below the root's, and the rooms that it may import. */
    private static final Map<String, Set<String>> TABLE = new TreeMap<>(Map.ofEntries(
            Map.entry("supervision", Set.of()),
            Map.entry("foreign", Set.of()),
            Map.entry("config", Set.of()),
            Map.entry("memory", Set.of()),
            Map.entry("wire", Set.of()),
            Map.entry("stream", Set.of("wire")),
            Map.entry("handoff", Set.of()),
            Map.entry("net", Set.of("config")),
            Map.entry("net.tls", Set.of("net", "config")),
            Map.entry("codec", Set.of("memory", "wire")),
            Map.entry("metrics", Set.of()),
            Map.entry("history", Set.of()),
            Map.entry("checkpoint", Set.of("memory", "stream")),
            Map.entry("image", Set.of("memory", "stream", "checkpoint", "handoff")),
            Map.entry("send", DATA_BUT_IMAGES),
            Map.entry("send.postcopy", with(DATA_BUT_IMAGES, "send")),
            Map.entry("receive", with(DATA_BUT_IMAGES, "net.tls")),
            Map.entry("session", with(DATA, "net.tls", "send", "send.postcopy", "receive")),
            Map.entry("guest", Set.of("memory", "config", "stream", "send")),
            Map.entry("session.info", Set.of("session", "metrics")),
            Map.entry("session.registry", Set.of("session", "config", "memory", "metrics")),
            Map.entry("control", Set.of("session.info", "net")),
            Map.entry("control.qmp", with(SESSION, "control", "history", "metrics", "config", "net", "net.tls")),
            Map.entry(
                    "control.http",
                    with(SESSION, "control", "control.qmp", "history", "metrics", "config", "memory", "net")),
            Map.entry("store", with(DATA_BUT_IMAGES, "receive", "session", "store.reservation")),
            Map.entry("store.reservation", Set.of("config", "checkpoint")),
            Map.entry("store.folder", with(DATA, "store")),
            Map.entry(
                    "server",
                    with(
                            DATA,
                            "net.tls",
                            "receive",
                            "session",
                            "session.registry",
                            "store",
                            "store.reservation",
                            "history",
                            "control.qmp",
                            "control.http")),
            Map.entry("load", Set.of("config", "guest")),
            Map.entry("load.result", Set.of()),
            Map.entry("load.link", Set.of("load")),
            Map.entry("load.worker", with(DATA, "net.tls", "receive", "session", "guest", "load", "load.result")),
            Map.entry("load.target", Set.of("config", "net", "session", "load", "load.worker")),
            Map.entry(
                    "load.run",
                    Set.of("config", "memory", "load", "load.result", "load.link", "load.target", "load.worker")),
            Map.entry("load.report", Set.of("config", "load", "load.result")),
            Map.entry(
                    "load.rehearsal",
                    with(DATA, "guest", "send", "load", "load.result", "load.run", "load.target", "load.report")),
            Map.entry(
                    "cli",
                    with(
                            DATA,
                            "net.tls",
                            "send",
                            "receive",
                            "session",
                            "session.info",
                            "session.registry",
                            "guest",
                            "store",
                            "store.folder",
                            "server",
                            "history",
                            "control",
                            "control.qmp",
                            "control.http",
                            "load",
                            "load.rehearsal",
                            "load.report",
                            "load.result",
                            "load.run",
                            "load.target",
                            "load.worker")),
            Map.entry("launcher", Set.of("cli"))));

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(ROOT);

    @Test
    void shouldHaveARowInTheTableWhenThereIsARoom() throws IOException {
        assertEquals(TABLE.keySet(), rooms());
    }

    /** The page that shows them to readers; whoever adds a room sees to the picture on it, too. */
    @Test
    void shouldBeOnThePageOfTheArchitectureWhenThereIsARoom() throws IOException {
        Matcher row = Pattern.compile("(?m)^\\| `([a-z.]+)` \\|")
                .matcher(Files.readString(Path.of("src/site/markdown/architecture.md")));
        Set<String> told = new TreeSet<>();
        while (row.find()) {
            told.add(row.group(1));
        }
        assertEquals(TABLE.keySet(), told);
    }

    @TestFactory
    Stream<DynamicTest> shouldDependOnNoOtherRoomsThanTheTableSays() {
        return TABLE.entrySet().stream()
                .map(row -> DynamicTest.dynamicTest(
                        row.getKey(),
                        () -> dependsOnlyOn(row.getKey(), row.getValue()).check(CLASSES)));
    }

    /** The compiler copies constants, so a class file does not say where they are from: the source does. */
    @TestFactory
    Stream<DynamicTest> shouldImportNoOtherRoomsThanTheTableSaysEvenForAConstant() {
        return TABLE.entrySet().stream()
                .map(row -> DynamicTest.dynamicTest(row.getKey(), () -> {
                    Set<String> imported = importedRooms(row.getKey());
                    imported.removeAll(row.getValue());
                    imported.removeAll(ANYBODYS);
                    assertEquals(Set.of(), imported, "rooms that " + row.getKey() + " must not import");
                }));
    }

    @Test
    void shouldFreeRoomsOfCycles() {
        slices().matching(ROOT + ".(**)").should().beFreeOfCycles().check(CLASSES);
    }

    @TestFactory
    Stream<DynamicTest> shouldSayWhatARoomIsInItsPackageInfo() throws IOException {
        return rooms().stream()
                .map(room -> DynamicTest.dynamicTest(room, () -> {
                    String info = Files.readString(folder(room).resolve("package-info.java"));
                    assertTrue(info.startsWith("/**"), "package-info must begin with the room's map");
                    assertTrue(info.contains("package " + ROOT + "." + room + ";"), info);
                }));
    }

    @Test
    void shouldUseStandardStreamsInCliAndLauncherOnly() {
        noClasses()
                .that(DescribedPredicate.not(resideInAnyPackage(ROOT + ".cli", ROOT + ".launcher")))
                .should(ACCESS_STANDARD_STREAMS)
                .check(CLASSES);
    }

    @Test
    void shouldSleepNowhereButBetweenTwoProgressLines() {
        neverSleeps().check(CLASSES.that(DescribedPredicate.not(isProgressLine())));
    }

    /** Were nothing imported, or calls not seen, every rule above would hold. */
    @Test
    void shouldFindViolationsWhereTheyAreKnownToBe() {
        rooms(CLASSES).forEach((room, count) -> assertTrue(count > 0, room));
        assertViolated(neverSleeps(), CLASSES.that(isProgressLine()));
        assertViolated(noClasses().should(ACCESS_STANDARD_STREAMS), CLASSES.that(resideInAPackage(ROOT + ".cli")));
        assertViolated(dependsOnlyOn("image", Set.of("memory")), CLASSES);
        assertViolated(dependsOnlyOn("send", with(Set.of("checkpoint"))), CLASSES);
    }

    @Test
    void shouldFindImportsWhereTheyAreKnownToBe() throws IOException {
        assertTrue(importedRooms("stream").contains("wire"));
        assertFalse(importedRooms("cli").isEmpty());
    }

    private static ArchRule dependsOnlyOn(String room, Set<String> allowed) {
        List<String> packages = new ArrayList<>();
        packages.add(ROOT + "." + room);
        ANYBODYS.forEach(other -> packages.add(ROOT + "." + other));
        allowed.forEach(other -> packages.add(ROOT + "." + other));
        DescribedPredicate<JavaClass> forbidden = resideInAPackage(ROOT + "..")
                .and(DescribedPredicate.not(resideInAnyPackage(packages.toArray(String[]::new))))
                .as("are in another room than " + allowed);
        return noClasses().that().resideInAPackage(ROOT + "." + room).should().dependOnClassesThat(forbidden);
    }

    private static ArchRule neverSleeps() {
        DescribedPredicate<JavaMethodCall> sleeps = DescribedPredicate.describe(
                "sleeps",
                call -> call.getName().equals("sleep")
                        && (call.getTargetOwner().isEquivalentTo(Thread.class)
                                || call.getTargetOwner().isEquivalentTo(TimeUnit.class)));
        return noClasses().should().callMethodWhere(sleeps);
    }

    private static DescribedPredicate<JavaClass> isProgressLine() {
        return DescribedPredicate.describe(
                "progress line", type -> type.getFullName().equals(ROOT + ".cli.ProgressLine"));
    }

    private static void assertViolated(ArchRule rule, JavaClasses classes) {
        assertThrows(AssertionError.class, () -> rule.check(classes), rule.getDescription());
    }

    private static Map<String, Integer> rooms(JavaClasses classes) {
        Map<String, Integer> counts = new TreeMap<>();
        TABLE.keySet()
                .forEach(room -> counts.put(
                        room, classes.that(resideInAPackage(ROOT + "." + room)).size()));
        return counts;
    }

    /** Every folder that has classes. */
    private static Set<String> rooms() throws IOException {
        try (Stream<Path> files = Files.walk(SOURCES)) {
            Set<String> names = new TreeSet<>();
            files.filter(ArchitectureTest::isClass)
                    .map(file -> SOURCES.relativize(file.getParent()).toString().replace('/', '.'))
                    .forEach(names::add);
            return names;
        }
    }

    private static boolean isClass(Path file) {
        String name = file.getFileName().toString();
        return name.endsWith(".java") && !name.equals("package-info.java");
    }

    private static Path folder(String room) {
        return SOURCES.resolve(room.replace('.', '/'));
    }

    private static Set<String> importedRooms(String room) throws IOException {
        Pattern reference = Pattern.compile(
                "^import (?:static )?io\\.pageferry\\.([a-z]\\w*(?:\\.[a-z]\\w*)*)\\.[A-Z]", Pattern.MULTILINE);
        Set<String> imported = new TreeSet<>();
        try (Stream<Path> files = Files.list(folder(room))) {
            for (Path file : files.filter(ArchitectureTest::isClass).toList()) {
                Matcher matcher = reference.matcher(Files.readString(file));
                while (matcher.find()) {
                    imported.add(matcher.group(1));
                }
            }
        }
        imported.remove(room);
        return imported;
    }

    private static Set<String> with(Set<String> rooms, String... more) {
        Set<String> all = new TreeSet<>(rooms);
        all.addAll(List.of(more));
        return all;
    }
}
