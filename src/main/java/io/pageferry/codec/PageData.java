package io.pageferry.codec;

import io.pageferry.memory.IoVector;
import java.io.IOException;

/** The data of the packet at hand, which its peer is sending. */
@FunctionalInterface
public interface PageData {
    /** Fills all of a vector with what comes next. */
    void read(IoVector into) throws IOException;
}
