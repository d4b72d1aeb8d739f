package io.pageferry.launcher;

import java.lang.reflect.InvocationTargetException;

/**
 * The entry of the jar. Goes on to the real main class, in a process that has preview classes enabled: a manifest
 * cannot ask for them, so where they are not, the same command is started again in this process's place, with the flag.
 *
 * <p>Compiled for Java 8, and everything else is reached by name.
 */
public final class Pageferry {
    private static final String REQUIRED = "25";
    private static final int WRONG_JAVA = 2;

    /** A class that uses a preview API, and so loads only where previews are enabled. */
    private static final String PREVIEW_CLASS = "io.pageferry.session.MigrationScope";

    private Pageferry() {}

    public static void main(String[] args) throws Throwable {
        String version = System.getProperty("java.specification.version");
        if (!REQUIRED.equals(version)) {
            System.err.println("pageferry: needs Java " + REQUIRED + ", and this is Java " + version + " ("
                    + System.getProperty("java.home") + "): start it with the java of a JDK " + REQUIRED);
            System.exit(WRONG_JAVA);
        }
        invokeMain(previewsAreEnabled() ? "io.pageferry.cli.Main" : "io.pageferry.launcher.Relauncher", args);
    }

    private static boolean previewsAreEnabled() throws ClassNotFoundException {
        try {
            Class.forName(PREVIEW_CLASS);
            return true;
        } catch (UnsupportedClassVersionError e) {
            return false;
        }
    }

    private static void invokeMain(String className, String[] args) throws Throwable {
        try {
            Class.forName(className).getMethod("main", String[].class).invoke(null, (Object) args);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
