package io.pageferry.load.link;

import io.pageferry.load.ChildCommand;
import io.pageferry.load.LoadException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A network namespace without a name: the kernel keeps it for as long as a process is in it, and then removes it with
 * all its devices. So there is nothing that could be left behind. One process, the keeper, is in it until this is
 * closed, or until this JVM ends, however it ends. Belongs to one thread.
 */
final class NetworkNamespace implements AutoCloseable {
    /** What each command takes some milliseconds for; the kernel may let it wait for other changes to its network. */
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    /** Ends when its input does. */
    private static final String KEEPER = "cat";

    private final Process keeper;

    private NetworkNamespace(Process keeper) {
        this.keeper = keeper;
    }

    /** Makes one, with nothing in it but a loopback device. */
    static NetworkNamespace open() throws IOException {
        NetworkNamespace namespace = new NetworkNamespace(start(List.of("unshare", "--net", KEEPER)));
        try {
            namespace.awaitKeeper();
            return namespace;
        } catch (IOException e) {
            namespace.close();
            throw e;
        }
    }

    /**
     * The keeper says back what it is told, once it is where it belongs; what says something else has not come so far.
     */
    private void awaitKeeper() throws IOException {
        try {
            keeper.outputWriter().append('\n').flush();
        } catch (IOException e) {
            // It has ended before, and has said why.
        }
        String said = keeper.inputReader().readLine();
        if (said == null || !said.isEmpty()) {
            throw failure("unshare --net", String.valueOf(said));
        }
    }

    /** What the command line of a process that belongs in it begins with; the process is started in place. */
    List<String> prefix() {
        return List.of("nsenter", "--net=/proc/" + keeper.pid() + "/ns/net");
    }

    /** For commands that are told a namespace. */
    long pid() {
        return keeper.pid();
    }

    /** Runs a command in it to its end. */
    void run(String... command) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(prefix());
        line.addAll(List.of(command));
        Process process = start(line);
        try {
            boolean ended = process.waitFor(TIMEOUT);
            // What these commands say fits into a pipe.
            String said =
                    ended ? new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8) : "no end";
            if (!ended || process.exitValue() != 0) {
                throw failure(String.join(" ", command), said);
            }
        } finally {
            process.destroyForcibly();
        }
    }

    private static Process start(List<String> command) throws LoadException {
        List<String> line = new ArrayList<>(ChildCommand.OWN_SESSION);
        line.addAll(command);
        try {
            return new ProcessBuilder(line).redirectErrorStream(true).start();
        } catch (IOException e) {
            throw new LoadException(
                    "link must be made with unshare and nsenter (package util-linux): reason=\"" + e.getMessage()
                            + "\"",
                    e);
        }
    }

    private static LoadException failure(String command, String said) {
        return new LoadException(
                "link needs root, ip and tc (package iproute2), and a kernel with veth, netem and tbf: command=\""
                        + command + "\" reason=\"" + said.strip().replace('\n', ' ') + "\"");
    }

    @Override
    public void close() {
        keeper.destroyForcibly();
        keeper.onExit().join();
    }
}
