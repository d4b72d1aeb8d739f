package io.pageferry.perf;

/** The least that a Java program does: what all starts are held against. */
final class Hello {
    private Hello() {}

    public static void main(String[] args) {
        System.out.println("hello");
    }
}
