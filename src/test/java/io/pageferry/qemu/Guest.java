package io.pageferry.qemu;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** What runs in a QEMU. Stateless; the same one is given to a source and to its destination. */
public interface Guest {
    /**
     * The arguments that bring the guest, and the devices it needs, into a QEMU.
     *
     * @param folder where its disks and the like may be put
     */
    List<String> arguments(Path folder) throws IOException, InterruptedException;

    /** Waits until the guest does what it is there for. */
    void awaitRunning(Qemu qemu);
}
