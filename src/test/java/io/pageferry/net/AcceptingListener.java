package io.pageferry.net;

import io.pageferry.config.MigrationUri;
import io.pageferry.testing.Loopback;
import java.io.IOException;
import java.nio.file.Path;

/** A process that accepts one connection after another, and says what has come of each. */
final class AcceptingListener {
    static final String LISTENING = "listening\n";
    static final String ACCEPTED = "accepted\n";
    static final String LOST = "lost: ";

    private AcceptingListener() {}

    public static void main(String[] arguments) throws Exception {
        try (Listener listener = Listener.open(new MigrationUri.Unix(Path.of(arguments[0])), 8)) {
            System.out.print(LISTENING);
            System.out.flush();
            while (true) {
                try (Connection _ = listener.accept(new StallWatch(Loopback.PATIENT), "peer")) {
                    System.out.print(ACCEPTED);
                } catch (IOException e) {
                    System.out.print(LOST + e.getMessage() + "\n");
                }
                System.out.flush();
            }
        }
    }
}
