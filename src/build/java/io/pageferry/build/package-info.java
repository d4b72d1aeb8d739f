/**
 * What the build does after the compiler: to class files, and for manual pages and completions. Runs while Pageferry is
 * built, on the JDK that builds it, and is in no jar.
 */
package io.pageferry.build;
