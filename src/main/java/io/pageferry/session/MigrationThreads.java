package io.pageferry.session;

import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The threads that do the work of one migration, for as long as they run. They come and go by themselves; anybody may
 * look.
 */
public final class MigrationThreads {
    private final Set<Thread> running = ConcurrentHashMap.newKeySet();

    /**
     * One of them: QEMU's {@code MigrationThreadInfo}.
     *
     * @param name after role and channel, as QEMU names its own: {@code mig/src/send_0}
     * @param threadId what thread dumps of this JVM call it; a virtual thread has no other
     */
    public record Info(String name, long threadId) {}

    /** Those that run now, in the order of their names. */
    public List<Info> list() {
        return running.stream()
                .map(thread -> new Info(thread.getName(), thread.threadId()))
                .sorted(Comparator.comparing(Info::name).thenComparing(Info::threadId))
                .toList();
    }

    /** Has a task listed while it runs, under the name that it gives its thread. */
    <T> Callable<T> listed(Callable<T> task) {
        return () -> {
            running.add(Thread.currentThread());
            try {
                return task.call();
            } finally {
                running.remove(Thread.currentThread());
            }
        };
    }
}
