package io.pageferry.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a peer has said is the failure of every task that finds it, and one and the same. */
@Timeout(30)
class SharedFailureTest {
    @Test
    void shouldReportFailureOnceWhenSeveralTasksFailWithIt() {
        IOException said = new IOException("said by the peer");
        CountDownLatch bothRun = new CountDownLatch(2);
        Callable<?> task = () -> {
            bothRun.countDown();
            bothRun.await();
            throw said;
        };
        IOException reported = assertThrows(IOException.class, () -> {
            try (MigrationScope scope = new MigrationScope("test")) {
                scope.fork(List.of(task, task));
                scope.join();
            }
        });
        assertSame(said, reported);
        assertEquals(0, reported.getSuppressed().length);
    }
}
