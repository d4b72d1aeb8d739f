/**
 * What the build does to class files after the compiler. Runs while Pageferry is built, on the JDK that builds it, and
 * is in no jar.
 */
package io.pageferry.build;
