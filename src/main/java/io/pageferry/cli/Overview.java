package io.pageferry.cli;

import java.io.PrintStream;

/** What somebody sees who gives no command: how to begin. */
final class Overview {
    private static final String TEXT = """
            Pageferry takes live migrations of QEMU guests in, keeps them as images that QEMU
            loads, and sends them on.

              pageferry receive tcp:0.0.0.0:4444 guest.img    keep a guest; then, in its QEMU's
                                                              monitor: migrate tcp:HOST:4444
              pageferry send guest.img tcp:HOST:4445          start it again, in a QEMU that was
                                                              started with -incoming defer
              pageferry serve --listen tcp:0.0.0.0:4444 --store DIR
                                                              take any number of guests in
              pageferry list --store DIR                      see what has been kept
              pageferry demo                                  try it without a QEMU

            pageferry help            all commands
            pageferry help COMMAND    a command's options
            """;

    private Overview() {}

    static void print(PrintStream out) {
        out.print(TEXT);
        out.flush();
    }
}
