package io.pageferry.receive;

import io.pageferry.codec.ChannelCodecs;
import io.pageferry.config.MigrationParameters;
import io.pageferry.metrics.MigrationStats;
import io.pageferry.net.StallWatch;
import io.pageferry.stream.MemoryGrowth;

/**
 * What all threads of an incoming migration work with.
 *
 * @param codecs of the method that the source was told; closed by their maker
 * @param watch notices where the source is silent for too long
 * @param heap is asked before memory is taken whose size the source decides on
 */
public record ReceiverContext(
        MigrationParameters parameters,
        ChannelCodecs codecs,
        StallWatch watch,
        MigrationStats stats,
        MemoryGrowth heap) {}
