package io.pageferry.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Which network namespaces processes are in, as the kernel names them: {@code net:[4026531840]}. */
public final class NetworkNamespaces {
    private NetworkNamespaces() {}

    /** Skips a test, and says why, where links of a rate cannot be made. */
    public static void assumeLinks() throws IOException, InterruptedException {
        assumeTrue(
                canUnshare("tc qdisc add dev lo root tbf rate 1mbit burst 10000b latency 50ms"),
                "skipped: needs root, iproute2, and a kernel with tbf");
        assumeTrue(
                canUnshare("ip link add one type veth peer name other"),
                "skipped: needs root, iproute2, and a kernel with veth");
    }

    /** Whether links with latency and loss can be made. */
    public static boolean haveNetem() throws IOException, InterruptedException {
        return canUnshare("tc qdisc add dev lo root netem delay 1ms");
    }

    private static boolean canUnshare(String command) throws IOException, InterruptedException {
        return new ProcessBuilder("unshare", "--net", "sh", "-c", command)
                        .redirectErrorStream(true)
                        .redirectOutput(Redirect.DISCARD)
                        .start()
                        .waitFor()
                == 0;
    }

    /** The one that a process is in; nothing of a process that has ended. */
    public static String of(long pid) {
        try {
            return Files.readSymbolicLink(Path.of("/proc/" + pid + "/ns/net")).toString();
        } catch (IOException e) {
            return "";
        }
    }

    /** How many processes there are in one. */
    public static int processesIn(String namespace) {
        int count = 0;
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                count += of(Long.parseLong(process.getFileName().toString())).equals(namespace) ? 1 : 0;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return count;
    }
}
