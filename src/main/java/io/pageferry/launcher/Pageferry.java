package io.pageferry.launcher;

import io.pageferry.cli.Main;

/** The entry of the jar. Compiled for Java 8: {@link Main}, which is not, is loaded only where it can be. */
public final class Pageferry {
    private static final String REQUIRED = "25";
    private static final int WRONG_JAVA = 2;

    private Pageferry() {}

    public static void main(String[] args) {
        String version = System.getProperty("java.specification.version");
        if (!REQUIRED.equals(version)) {
            System.err.println("pageferry: needs Java " + REQUIRED + ", and this is Java " + version + " ("
                    + System.getProperty("java.home") + "): start it with the java of a JDK " + REQUIRED);
            System.exit(WRONG_JAVA);
        }
        // Not by reflection, which would load a hundred classes of the JDK.
        Main.main(args);
    }
}
