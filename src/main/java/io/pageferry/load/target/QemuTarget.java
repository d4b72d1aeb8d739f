package io.pageferry.load.target;

import io.pageferry.load.LoadException;
import io.pageferry.load.Scenario;
import io.pageferry.load.Setting;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;

/**
 * Real QEMUs, one a guest, as each can take one in only. All are started before the turn begins, so that none of them
 * starts while it is being measured. The thread that starts them must be one that stays: when it ends, they do.
 */
public final class QemuTarget implements Target {
    /** Each takes tens of MiB and of threads, whether a guest comes or not. */
    private static final int MAX_MIGRATIONS = 64;

    private final List<IncomingQemu> all = new ArrayList<>();
    private final Queue<IncomingQemu> unused = new ArrayDeque<>(); // guarded by itself

    private QemuTarget() {}

    /**
     * Starts as many as a turn needs.
     *
     * @param prefix a command that runs the rest of the line in place, or nothing
     * @param binary QEMU's
     */
    public static QemuTarget start(
            List<String> prefix, Path binary, Scenario scenario, String host, Path folder, Optional<Path> credentials)
            throws IOException {
        int migrations = scenario.number(Setting.MIGRATIONS);
        if (migrations > MAX_MIGRATIONS) {
            throw new LoadException("migrations to a QEMU must be at most " + MAX_MIGRATIONS
                    + " a turn, as each needs a process: migrations=" + migrations);
        }
        QemuTarget target = new QemuTarget();
        try {
            for (int i = 0; i < migrations; i++) {
                target.all.add(IncomingQemu.start(prefix, binary, scenario, host, folder, credentials));
            }
        } catch (IOException | RuntimeException e) {
            target.close();
            throw e;
        }
        target.unused.addAll(target.all);
        return target;
    }

    @Override
    public Reception receive() {
        synchronized (unused) {
            return unused.remove();
        }
    }

    @Override
    public List<ProcessHandle> processes() {
        return all.stream().map(IncomingQemu::handle).toList();
    }

    @Override
    public void close() throws IOException {
        for (IncomingQemu qemu : all) {
            qemu.end();
        }
    }
}
