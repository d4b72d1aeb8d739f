/**
 * What {@code java -jar} starts: makes sure that it runs on JDK 25, and goes on to the command line, in the same JVM.
 *
 * <p>{@link Pageferry} is compiled for Java 8, so that it can say what it needs wherever it is started. No flags are
 * needed: what the JVM must open is in the jar's manifest, and the build has taken the mark of preview APIs off its
 * classes.
 */
package io.pageferry.launcher;
