package io.pageferry.load;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What lies between source and target: loopback, or a link with latency, loss and a limited rate. Such a link is a pair of virtual Ethernet devices, each in a
 * network namespace of its own, with {@code tc}'s netem (for a rate alone, tbf) at either end. Processes reach it by the prefix of their command lines. What
 * is made is removed by {@link #close}; belongs to one thread.
 */
final class Link implements AutoCloseable {
    private static final String LOOPBACK = "127.0.0.1";
    private static final String SOURCE_ADDRESS = "10.0.0.1";
    private static final String TARGET_ADDRESS = "10.0.0.2";
    private static final String DEVICE = "wire0";

    /** Packets that netem may hold back: at 10 Gbit/s and 64 KiB each, a second's worth several times over. netem's own 1000 would lose packets. */
    private static final int NETEM_LIMIT_PACKETS = 100_000;

    private static final AtomicLong MADE = new AtomicLong();

    /** What a link is like. */
    record Shape(Duration latency, double loss, long rateBytes) {
        static Shape of(Scenario scenario) {
            return new Shape(
                    scenario.time(Setting.LINK_LATENCY),
                    scenario.fraction(Setting.LINK_LOSS),
                    scenario.size(Setting.LINK_RATE));
        }

        boolean isLoopback() {
            return latency.isZero() && loss == 0 && rateBytes == 0;
        }

        /** The arguments of {@code tc qdisc add dev DEVICE root}. */
        List<String> queueing() {
            List<String> words = new ArrayList<>();
            String rate = rateBytes * Byte.SIZE + "bit";
            if (latency.isZero() && loss == 0) {
                // A burst of a millisecond, and of one large packet at the least; what waits longer than 50 ms is
                // dropped, as a switch does.
                long burst = Math.max(rateBytes / 1000, 128 * 1024);
                return List.of("tbf", "rate", rate, "burst", burst + "b", "latency", "50ms");
            }
            words.addAll(List.of("netem", "limit", "" + NETEM_LIMIT_PACKETS));
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
    }

    private final List<String> namespaces;

    private Link(List<String> namespaces) {
        this.namespaces = namespaces;
    }

    /** Makes what is needed; on loopback that is nothing. */
    static Link open(Shape shape) throws IOException, InterruptedException {
        if (shape.isLoopback()) {
            return new Link(List.of());
        }
        String name = "pageferry-" + ProcessHandle.current().pid() + "-" + MADE.incrementAndGet();
        String source = name + "-source";
        String target = name + "-target";
        List<String> made = new ArrayList<>();
        try {
            for (String namespace : List.of(source, target)) {
                run("ip", "netns", "add", namespace);
                made.add(namespace);
            }
            run("ip", "-n", source, "link", "add", DEVICE, "type", "veth", "peer", "name", DEVICE, "netns", target);
            configure(source, SOURCE_ADDRESS, shape);
            configure(target, TARGET_ADDRESS, shape);
            return new Link(List.copyOf(made));
        } catch (IOException | InterruptedException e) {
            new Link(made).close();
            throw e;
        }
    }

    private static void configure(String namespace, String address, Shape shape)
            throws IOException, InterruptedException {
        run("ip", "-n", namespace, "address", "add", address + "/24", "dev", DEVICE);
        run("ip", "-n", namespace, "link", "set", DEVICE, "up");
        run("ip", "-n", namespace, "link", "set", "lo", "up");
        List<String> queueing = new ArrayList<>(List.of("tc", "-n", namespace, "qdisc", "add", "dev", DEVICE, "root"));
        queueing.addAll(shape.queueing());
        run(queueing.toArray(String[]::new));
    }

    /** What a source's command line begins with. */
    List<String> sourcePrefix() {
        return prefix(0);
    }

    /** What a target's command line begins with. */
    List<String> targetPrefix() {
        return prefix(1);
    }

    private List<String> prefix(int end) {
        return namespaces.isEmpty() ? List.of() : List.of("ip", "netns", "exec", namespaces.get(end));
    }

    /** Where a target listens. */
    String host() {
        return namespaces.isEmpty() ? LOOPBACK : TARGET_ADDRESS;
    }

    private static void run(String... command) throws IOException, InterruptedException {
        Process process;
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            throw new LoadException(
                    "link must be made with ip and tc (package iproute2): reason=\"" + e.getMessage() + "\"", e);
        }
        try {
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new LoadException(
                        "link needs root and a kernel with veth, netem and tbf: command=\"" + String.join(" ", command)
                                + "\" reason=\"" + said.strip().replace('\n', ' ') + "\"");
            }
        } finally {
            process.destroyForcibly();
        }
    }

    /** Removes the namespaces, and with them the devices, once nobody runs in them. */
    @Override
    public void close() throws IOException {
        boolean interrupted = Thread.interrupted(); // what was made must go all the same
        try {
            for (String namespace : namespaces) {
                run("ip", "netns", "delete", namespace);
            }
        } catch (InterruptedException e) {
            interrupted = true;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
