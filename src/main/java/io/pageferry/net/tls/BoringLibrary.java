package io.pageferry.net.tls;

import io.netty.internal.tcnative.Library;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * BoringSSL, as Netty builds it for the JVM: one library that needs no other, carried in the jar. Loaded once, when
 * somebody first asks for it. For any thread.
 */
public final class BoringLibrary {
    private static final Logger LOG = LoggerFactory.getLogger(BoringLibrary.class);

    /** Why it cannot be used; empty: it can. */
    private static final String UNAVAILABLE = load();

    private static final AtomicInteger HELD = new AtomicInteger();

    private BoringLibrary() {}

    /** How many sessions, and buffers for them, there are in this process that have not been given back. */
    public static int heldNatively() {
        return HELD.get();
    }

    /** Counts one more. */
    static void held() {
        HELD.incrementAndGet();
    }

    static void givenBack() {
        HELD.decrementAndGet();
    }

    static String whyUnavailable() {
        return UNAVAILABLE;
    }

    private static String load() {
        try {
            String resource = "/META-INF/native/libnetty_tcnative_" + platform() + ".so";
            try (InputStream library = BoringLibrary.class.getResourceAsStream(resource)) {
                if (library == null) {
                    throw new IOException("no library for this platform: resource=" + resource);
                }
                loadCopy(library);
            }
            if (!Library.initialize()) {
                throw new IOException("library does not begin");
            }
            LOG.debug("TLS with certificates is BoringSSL's");
            return "";
        } catch (Exception | LinkageError e) {
            LOG.debug("TLS with certificates is the JDK's, BoringSSL does not load: reason=\"{}\"", e.toString());
            return e.toString();
        }
    }

    private static String platform() {
        String architecture = System.getProperty("os.arch");
        return System.getProperty("os.name").toLowerCase(Locale.ROOT) + "_"
                + switch (architecture) {
                    case "amd64" -> "x86_64";
                    case "aarch64" -> "aarch_64";
                    default -> architecture;
                };
    }

    /**
     * The file is needed only until it is loaded. Its name must begin so: the library looks into it for a prefix of its
     * Java classes.
     */
    @SuppressWarnings("restricted")
    private static void loadCopy(InputStream library) throws IOException {
        Path copy = Files.createTempFile("libnetty_tcnative", ".so");
        try {
            Files.copy(library, copy, StandardCopyOption.REPLACE_EXISTING);
            System.load(copy.toString());
        } finally {
            Files.delete(copy);
        }
    }
}
