package io.pageferry.session;

import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;

/** Tasks of a scope. */
final class ScopeTasks {
    static final Callable<?> NEVER_ENDS = () -> {
        new CountDownLatch(1).await();
        return null;
    };

    private ScopeTasks() {}

    static Void fail(Exception failure) throws Exception {
        throw failure;
    }
}
