package io.pageferry.load.rehearsal;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How fast pages go with one setting.
 *
 * @param normalRate bytes a second of pages that are not zero, before any compression
 * @param scatteredRate the same of those that have no neighbours to go with
 * @param zeroRate of pages that are
 * @param wireShare bytes on the wire a byte of pages that are not zero
 * @param setupSeconds before the first page
 * @param switchSeconds of downtime, beside the pages that are sent in it
 * @param cpuSecondsPerByte of both ends, a byte of pages that are not zero
 * @param limit what holds them up
 */
record Throughput(
        double normalRate,
        double scatteredRate,
        double zeroRate,
        double wireShare,
        double setupSeconds,
        double switchSeconds,
        double cpuSecondsPerByte,
        String limit) {

    /**
     * Works it out: the slowest of all that a page must pass.
     *
     * @param maxBandwidth bytes a second, 0 for no limit
     * @param processors of each machine
     * @param sameMachine whether both ends share them
     */
    static Throughput of(CodecCost codec, LinkProfile link, long maxBandwidth, int processors, boolean sameMachine) {
        double source = codec.encodeSecondsPerByte() + codec.wireShare() * link.sourceSecondsPerByte();
        double target = codec.decodeSecondsPerByte() + codec.wireShare() * link.targetSecondsPerByte();
        Map<String, Double> stages = new LinkedHashMap<>();
        stages.put("link", link.bytesPerSecond() / codec.wireShare());
        if (maxBandwidth > 0) {
            stages.put("max-bandwidth", maxBandwidth / codec.wireShare());
        }
        // Without a codec, what channels and processors can do is in the measured rate already.
        if (codec.encodeSecondsPerByte() > 0) {
            int threads = Math.min(link.channels(), processors);
            stages.put("packing", threads / source);
            stages.put("unpacking", threads / target);
            stages.put("processors", processors / (sameMachine ? source + target : source));
        }
        Map.Entry<String, Double> slowest =
                stages.entrySet().stream().min(Map.Entry.comparingByValue()).orElseThrow();
        return new Throughput(
                slowest.getValue(),
                Math.min(slowest.getValue(), link.scatteredBytesPerSecond() / codec.wireShare()),
                link.zeroBytesPerSecond(),
                codec.wireShare(),
                link.setupSeconds(),
                link.switchSeconds(),
                source + target,
                slowest.getKey());
    }

    /** How long all pages of a guest take, in a mix of zero ones and others. */
    double seconds(double bytes, double zeroShare) {
        return bytes * (1 - zeroShare) / normalRate + bytes * zeroShare / zeroRate;
    }

    /** How long those take that a guest has dirtied at random. */
    double scatteredSeconds(double bytes, double zeroShare) {
        return bytes * (1 - zeroShare) / scatteredRate + bytes * zeroShare / zeroRate;
    }

    /** What they are on the wire; of a zero page that is its offset in a packet. */
    double wireBytes(double bytes, double zeroShare) {
        return bytes * (1 - zeroShare) * wireShare + bytes * zeroShare * ZERO_PAGE_SHARE;
    }

    private static final double ZERO_PAGE_SHARE = 8.0 / 4096;
}
