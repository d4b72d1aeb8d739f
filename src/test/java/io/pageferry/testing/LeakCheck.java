package io.pageferry.testing;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/** What {@link LeakFree} does. */
final class LeakCheck implements BeforeEachCallback, AfterEachCallback {
    private static final Namespace NAMESPACE = Namespace.create(LeakCheck.class);

    /** A thread that has done its work is gone a moment later. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    @Override
    public void beforeEach(ExtensionContext context) {
        context.getStore(NAMESPACE).put(context.getUniqueId(), ProcessResources.now());
    }

    @Override
    public void afterEach(ExtensionContext context) {
        ProcessResources before = context.getStore(NAMESPACE).remove(context.getUniqueId(), ProcessResources.class);
        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> assertEquals(Set.of(), ProcessResources.now().since(before), "leaked"));
    }
}
