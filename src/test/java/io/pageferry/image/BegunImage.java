package io.pageferry.image;

import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** The main program of a process that begins an image, says so, and does no more. */
final class BegunImage {
    static final String BEGUN = "begun";

    private BegunImage() {}

    public static void main(String[] arguments) throws Exception {
        try (PendingFile file = PendingFile.create(Path.of(arguments[0]), 0)) {
            // Others open and close the file too while it is written, and the lock must stay.
            file.openWriteback().close();
            System.out.println(BEGUN + " " + file.target());
            new CountDownLatch(1).await();
        }
    }
}
