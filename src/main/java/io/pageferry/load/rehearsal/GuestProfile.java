package io.pageferry.load.rehearsal;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a guest's RAM is like.
 *
 * @param bytes its RAM
 * @param zeroShare which share of its pages is zero, 0 to 1
 * @param samplePages how many of its pages were looked at
 * @param codecs what each one makes of its other pages, by {@link Codec#name}
 */
public record GuestProfile(long bytes, double zeroShare, long samplePages, Map<String, CodecCost> codecs) {
    public GuestProfile {
        codecs = Collections.unmodifiableMap(new LinkedHashMap<>(codecs));
    }
}
