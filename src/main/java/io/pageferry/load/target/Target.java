package io.pageferry.load.target;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Who takes the guests of a turn in. Receptions are for any thread, the rest for the one that runs the turn. */
public interface Target extends AutoCloseable {
    /** Waits for one guest. */
    public interface Reception extends AutoCloseable {
        /** Where the guest shall be sent. */
        String uri();

        /**
         * Waits until the guest is there, or cannot come any more.
         *
         * @return why it is not there, where it is not
         */
        Optional<String> await() throws IOException, InterruptedException;

        @Override
        void close() throws IOException;
    }

    /** Lets one more guest come. */
    Reception receive() throws IOException, InterruptedException;

    /** The processes whose time is to be measured. */
    List<ProcessHandle> processes();

    @Override
    void close() throws IOException;
}
