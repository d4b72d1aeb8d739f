package io.pageferry.load.link;

import io.pageferry.load.Scenario;
import io.pageferry.load.Setting;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What lies between source and target: loopback, or a link with latency, loss and a limited rate. Such a link is a pair
 * of virtual Ethernet devices, each in a {@link NetworkNamespace} of its own, with {@code tc}'s netem (for a rate
 * alone, tbf) at either end. Processes reach it by the prefix of their command lines. Belongs to one thread.
 */
public final class Link implements AutoCloseable {
    private static final String LOOPBACK = "127.0.0.1";
    private static final String SOURCE_ADDRESS = "10.0.0.1";
    private static final String TARGET_ADDRESS = "10.0.0.2";
    private static final String DEVICE = "wire0";

    /** What Ethernet carries at a time. */
    private static final int PACKET_BYTES = 1500;

    /** What waits longer than this for its turn at a limited rate is dropped, as a switch does. */
    private static final Duration QUEUE = Duration.ofMillis(50);

    /** Of a slow link: fewer, and connections could not even begin. */
    private static final int LEAST_PACKETS = 100;

    /**
     * On their way over a link without a limited rate: what sockets have room for is less. netem's own 1000 would lose
     * packets.
     */
    private static final int MOST_PACKETS = 1_000_000;

    /** What a link is like. */
    public record Shape(Duration latency, double loss, long rateBytes) {
        public static Shape of(Scenario scenario) {
            return new Shape(
                    scenario.time(Setting.LINK_LATENCY),
                    scenario.fraction(Setting.LINK_LOSS),
                    scenario.size(Setting.LINK_RATE));
        }

        boolean isLoopback() {
            return latency.isZero() && loss == 0 && rateBytes == 0;
        }

        /**
         * Whether each packet counts, as a long link carries it: on this machine up to 64 KiB go at a time, and would
         * be lost at a time.
         */
        boolean hasSmallPackets() {
            return !latency.isZero() || loss > 0;
        }

        /** The arguments of {@code tc qdisc add dev DEVICE root}. */
        List<String> queueing() {
            List<String> words = new ArrayList<>();
            String rate = rateBytes * Byte.SIZE + "bit";
            if (!hasSmallPackets()) {
                // A burst of a millisecond, and of one large packet at the least.
                long burst = Math.max(rateBytes / 1000, 128 * 1024);
                return List.of("tbf", "rate", rate, "burst", burst + "b", "latency", QUEUE.toMillis() + "ms");
            }
            words.addAll(List.of("netem", "limit", "" + packets()));
            if (!latency.isZero()) {
                words.addAll(List.of("delay", latency.toNanos() / 1000 + "us"));
            }
            if (loss > 0) {
                words.addAll(List.of("loss", String.format(Locale.ROOT, "%.4f%%", loss * 100)));
            }
            if (rateBytes > 0) {
                words.addAll(List.of("rate", rate));
            }
            return words;
        }

        /** As many as netem may have at a time: those under way, and those in the queue. */
        private long packets() {
            double seconds = latency.plus(QUEUE).toNanos() / 1e9;
            double packets = rateBytes == 0 ? MOST_PACKETS : rateBytes * seconds / PACKET_BYTES;
            return (long) Math.clamp(packets, LEAST_PACKETS, MOST_PACKETS);
        }
    }

    private final List<NetworkNamespace> ends;

    private Link(List<NetworkNamespace> ends) {
        this.ends = ends;
    }

    /** Makes what is needed; on loopback that is nothing. */
    public static Link open(Shape shape) throws IOException, InterruptedException {
        List<NetworkNamespace> made = new ArrayList<>();
        Link link = new Link(made);
        if (shape.isLoopback()) {
            return link;
        }
        try {
            NetworkNamespace source = NetworkNamespace.open();
            made.add(source);
            NetworkNamespace target = NetworkNamespace.open();
            made.add(target);
            source.run("ip", "link", "add", DEVICE, "type", "veth", "peer", "name", DEVICE, "netns", "" + target.pid());
            configure(source, SOURCE_ADDRESS, shape);
            configure(target, TARGET_ADDRESS, shape);
            return link;
        } catch (IOException | InterruptedException e) {
            link.close();
            throw e;
        }
    }

    /** Says at once, by an exception, where links cannot be made; leaves nothing. */
    public static void require(Collection<Shape> shapes) throws IOException, InterruptedException {
        for (Shape shape : Set.copyOf(shapes)) {
            open(shape).close();
        }
    }

    private static void configure(NetworkNamespace end, String address, Shape shape)
            throws IOException, InterruptedException {
        end.run("ip", "address", "add", address + "/24", "dev", DEVICE);
        if (shape.hasSmallPackets()) {
            end.run("ip", "link", "set", DEVICE, "gso_max_segs", "1");
        }
        end.run("ip", "link", "set", DEVICE, "up");
        end.run("ip", "link", "set", "lo", "up");
        List<String> queueing = new ArrayList<>(List.of("tc", "qdisc", "add", "dev", DEVICE, "root"));
        queueing.addAll(shape.queueing());
        end.run(queueing.toArray(String[]::new));
    }

    /** What a source's command line begins with. */
    public List<String> sourcePrefix() {
        return prefix(0);
    }

    /** What a target's command line begins with. */
    public List<String> targetPrefix() {
        return prefix(1);
    }

    private List<String> prefix(int end) {
        return ends.isEmpty() ? List.of() : ends.get(end).prefix();
    }

    /** Where a target listens. */
    public String host() {
        return ends.isEmpty() ? LOOPBACK : TARGET_ADDRESS;
    }

    /** Lets go of both ends: they are gone with the last process in them. */
    @Override
    public void close() {
        ends.forEach(NetworkNamespace::close);
    }
}
