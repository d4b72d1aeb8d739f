package io.pageferry.testing;

import java.util.concurrent.Callable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** What {@link TlsBy} does. */
public final class TlsChoice implements BeforeAllCallback, AfterAllCallback {
    private static final String PROPERTY = "pageferry.tls";

    /** Does something with a choice that is none afterwards. */
    public static <T> T with(String engine, Callable<T> work) throws Exception {
        System.setProperty(PROPERTY, engine);
        try {
            return work.call();
        } finally {
            System.clearProperty(PROPERTY);
        }
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        System.setProperty(
                PROPERTY,
                context.getRequiredTestClass().getAnnotation(TlsBy.class).value());
    }

    @Override
    public void afterAll(ExtensionContext context) {
        System.clearProperty(PROPERTY);
    }
}
