/**
 * What {@code java -jar} starts: makes sure that it runs on JDK 25 with the flags that the rest of the code needs, and
 * with the JVM's {@linkplain AotCache cache} where there is one.
 *
 * <p>{@link Pageferry} is compiled for Java 8, so that it can say what it needs wherever it is started.
 */
package io.pageferry.launcher;
