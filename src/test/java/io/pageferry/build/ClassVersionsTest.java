package io.pageferry.build;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

@Timeout(60)
class ClassVersionsTest {
    private static final int NOW = ClassFile.latestMajorVersion();
    private static final ClassDesc NAME = ClassDesc.of(ClassVersionsTest.class.getPackageName(), "Made");

    @TempDir
    private Path folder;

    @Test
    void shouldTakeTheMarkOffWhenAClassUsesAPreview() throws Exception {
        byte[] marked = classFile(NOW, ClassFile.PREVIEW_MINOR_VERSION);
        byte[] set = set(marked);
        assertEquals(List.of(NOW, 0), version(set));
        assertEquals("other", call(set));
    }

    /** A class of the JVM before Java 6 has two ways that meet, and nothing that says what is on the stack there. */
    @Test
    void shouldBringAClassToThisVersionWhenItHasNoStackMaps() throws Exception {
        byte[] old = classFile(ClassFile.JAVA_5_VERSION, 0);
        byte[] set = set(old);
        assertEquals(List.of(NOW, 0), version(set));
        assertEquals(List.of(), ClassFile.of().verify(set));
        assertEquals("other", call(set));
    }

    @Test
    void shouldLeaveAClassAsItIsWhenItsVersionWillDo() {
        for (int major : List.of(ClassFile.JAVA_6_VERSION, ClassFile.JAVA_8_VERSION, NOW)) {
            byte[] classFile = classFile(major, 0);
            assertSame(classFile, set(classFile));
        }
    }

    @Test
    void shouldRefuseAFileThatIsNoClass() {
        assertThrows(IllegalArgumentException.class, () -> set(new byte[] {1, 2, 3, 4, 5, 6, 7, 8}));
        assertThrows(IllegalArgumentException.class, () -> set(new byte[0]));
    }

    @Test
    void shouldSetAllClassesOfAFolder() throws Exception {
        Path file = Files.createDirectories(folder.resolve("a/b")).resolve("Made.class");
        Files.write(file, classFile(NOW, ClassFile.PREVIEW_MINOR_VERSION));
        Path other = Files.writeString(folder.resolve("a/Made.txt"), "text");
        ClassVersions.main(
                new String[] {folder.toString(), folder.resolve("missing").toString()});
        assertEquals(List.of(NOW, 0), version(Files.readAllBytes(file)));
        assertEquals("text", Files.readString(other));
    }

    /** picocli is what there is of such a jar: it is compiled for Java 5. */
    @Test
    void shouldSetAllClassesOfAJarWhichThenRunAsBefore() throws Exception {
        Path original = Path.of(CommandLine.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        Path jar = Files.copy(original, folder.resolve("picocli.jar"));
        assertTrue(oldClasses(jar) > 100, () -> original + " must have old classes, else this test has no subject");
        ClassVersions.main(new String[] {jar.toString()});
        assertEquals(0, oldClasses(jar));
        assertEquals(entries(original), entries(jar));
        verifyAll(jar);

        byte[] once = Files.readAllBytes(jar);
        ClassVersions.main(new String[] {jar.toString()});
        assertArrayEquals(once, Files.readAllBytes(jar), "twice is as good as once");
    }

    private static byte[] set(byte[] classFile) {
        return ClassVersions.of(classFile, ClassHierarchyResolver.defaultResolver());
    }

    /** A class with {@code static Object choose(boolean)}, of two classes that only their parent joins. */
    private static byte[] classFile(int major, int minor) {
        MethodTypeDesc type = MethodTypeDesc.of(ConstantDescs.CD_Object, ConstantDescs.CD_boolean);
        return ClassFile.of()
                .build(
                        NAME,
                        made -> made.withVersion(major, minor)
                                .withMethodBody("choose", type, ClassFile.ACC_PUBLIC | ClassFile.ACC_STATIC, code -> {
                                    Label second = code.newLabel();
                                    Label end = code.newLabel();
                                    code.iload(0)
                                            .ifeq(second)
                                            .loadConstant(1)
                                            .invokestatic(
                                                    ConstantDescs.CD_Integer,
                                                    "valueOf",
                                                    MethodTypeDesc.of(ConstantDescs.CD_Integer, ConstantDescs.CD_int))
                                            .goto_(end)
                                            .labelBinding(second)
                                            .loadConstant("other")
                                            .labelBinding(end)
                                            .areturn();
                                }));
    }

    private static Object call(byte[] classFile) throws Exception {
        return MethodHandles.lookup()
                .defineHiddenClass(classFile, true)
                .lookupClass()
                .getMethod("choose", boolean.class)
                .invoke(null, false);
    }

    private static List<Integer> version(byte[] classFile) {
        var model = ClassFile.of().parse(classFile);
        return List.of(model.majorVersion(), model.minorVersion());
    }

    private static long oldClasses(Path jar) throws IOException {
        try (JarFile file = new JarFile(jar.toFile())) {
            long old = 0;
            for (JarEntry entry : classes(file)) {
                old += version(file.getInputStream(entry).readAllBytes()).getFirst() < ClassFile.JAVA_6_VERSION ? 1 : 0;
            }
            return old;
        }
    }

    private static List<String> entries(Path jar) throws IOException {
        try (JarFile file = new JarFile(jar.toFile())) {
            return file.stream().map(JarEntry::getName).sorted().toList();
        }
    }

    private static List<JarEntry> classes(JarFile jar) {
        return jar.stream()
                .filter(entry -> entry.getName().endsWith(".class")
                        && !entry.getName().endsWith("module-info.class")
                        && !entry.getName().endsWith("package-info.class"))
                .toList();
    }

    /** Has the JVM itself verify them, which it does when it links a class. */
    private static void verifyAll(Path jar) throws Exception {
        try (JarFile file = new JarFile(jar.toFile());
                URLClassLoader loader =
                        new URLClassLoader(new URL[] {jar.toUri().toURL()}, ClassLoader.getPlatformClassLoader())) {
            List<String> linked = new ArrayList<>();
            for (JarEntry entry : classes(file)) {
                String name = entry.getName();
                Class.forName(
                        name.substring(0, name.length() - ".class".length()).replace('/', '.'), true, loader);
                linked.add(name);
            }
            assertTrue(linked.size() > 100, linked::toString);
        }
    }
}
