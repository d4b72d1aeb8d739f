package io.pageferry.build;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.ClassHierarchyResolverOption;
import java.lang.classfile.ClassFile.StackMapsOption;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.lang.constant.ClassDesc;
import java.nio.ByteBuffer;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Sets the versions of class files, so that one JVM without flags runs them all, and keeps them all in its caches.
 *
 * <ul>
 *   <li>The compiler marks a class that uses a preview API by its minor version, and a JVM without
 *       {@code --enable-preview} does not load one that is marked. A manifest cannot enable previews. What the mark
 *       protects from, the API being another in another JDK, cannot happen: Pageferry runs on one version of Java only,
 *       and this is that version's compiler. So the mark is taken off.
 *   <li>A class file from before Java 6 has no stack maps. Its bytecode is verified slowly, anew at each start, and the
 *       JVM leaves it out of its caches. Such a class gets stack maps and the version of this JDK.
 * </ul>
 *
 * <p>All other class files stay as they are, and doing it again changes nothing.
 */
public final class ClassVersions {
    private static final int MAGIC = 0xcafebabe;
    private static final int MINOR_OFFSET = 4;
    private static final int MAJOR_OFFSET = 6;

    private static final String CLASS = ".class";

    private ClassVersions() {}

    /**
     * Sets the versions of all class files in folders and jars.
     *
     * @param arguments the folders and jars; one that is not there has nothing to set
     * @throws IOException if a file cannot be read or written; it is then as it was
     */
    public static void main(String[] arguments) throws IOException {
        for (String argument : arguments) {
            Path path = Path.of(argument);
            if (Files.isDirectory(path)) {
                setInFolder(path);
            } else if (Files.exists(path)) {
                setInJar(path);
            }
        }
    }

    private static void setInFolder(Path folder) throws IOException {
        ClassHierarchyResolver resolver = ClassHierarchyResolver.ofResourceParsing(described -> open(folder, described))
                .orElse(ClassHierarchyResolver.defaultResolver());
        for (Path file : classFiles(folder)) {
            byte[] before = Files.readAllBytes(file);
            byte[] after = of(before, resolver);
            if (after != before) {
                Files.write(file, after);
            }
        }
    }

    /** A jar is written anew, beside the old one, when it is closed; what did not change is copied as it is. */
    private static void setInJar(Path jar) throws IOException {
        try (FileSystem content = FileSystems.newFileSystem(jar)) {
            setInFolder(content.getPath("/"));
        }
    }

    private static List<Path> classFiles(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(file -> file.toString().endsWith(CLASS)).toList();
        }
    }

    private static InputStream open(Path folder, ClassDesc described) {
        String descriptor = described.descriptorString();
        Path file = folder.resolve(descriptor.substring(1, descriptor.length() - 1) + CLASS);
        try {
            return Files.exists(file) ? Files.newInputStream(file) : null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * A class file with the version that it is to have.
     *
     * @param classFile what the compiler made
     * @param resolver finds the classes that it names, for its stack maps
     * @return the same array where the version stays
     * @throws IllegalArgumentException if it is no class file, or names a class that cannot be found
     */
    static byte[] of(byte[] classFile, ClassHierarchyResolver resolver) {
        ByteBuffer header = ByteBuffer.wrap(classFile);
        if (classFile.length < MAJOR_OFFSET + Short.BYTES || header.getInt(0) != MAGIC) {
            throw new IllegalArgumentException("class file must begin with its magic: length=" + classFile.length);
        }
        if (Short.toUnsignedInt(header.getShort(MINOR_OFFSET)) == ClassFile.PREVIEW_MINOR_VERSION) {
            byte[] unmarked = classFile.clone();
            ByteBuffer.wrap(unmarked).putShort(MINOR_OFFSET, (short) 0);
            return unmarked;
        }
        if (Short.toUnsignedInt(header.getShort(MAJOR_OFFSET)) < ClassFile.JAVA_6_VERSION) {
            return renewed(classFile, resolver);
        }
        return classFile;
    }

    private static byte[] renewed(byte[] classFile, ClassHierarchyResolver resolver) {
        ClassFile context =
                ClassFile.of(StackMapsOption.STACK_MAPS_WHEN_REQUIRED, ClassHierarchyResolverOption.of(resolver));
        ClassModel model = context.parse(classFile);
        // Code that is not transformed would be copied as it is, without stack maps.
        ClassTransform code = ClassTransform.transformingMethodBodies(CodeTransform.ACCEPT_ALL);
        ClassTransform version =
                ClassTransform.endHandler(builder -> builder.withVersion(ClassFile.latestMajorVersion(), 0));
        return context.transformClass(model, code.andThen(version));
    }
}
