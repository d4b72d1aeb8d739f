package io.pageferry.load.worker;

import io.pageferry.load.LoadException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * A process that was started, and has connected and greeted since.
 *
 * @param process the caller's to end
 * @param connection the caller's to close
 */
public record ConnectedProcess(Process process, JsonConnection connection) {
    /** A JVM, or a QEMU, on a machine that does much else: many times what they take. */
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    /**
     * Starts one; if this fails, it has been ended.
     *
     * @param socket where it connects to, as its command line says
     * @param output says where its output goes
     */
    public static ConnectedProcess start(List<String> command, Path socket, Consumer<ProcessBuilder> output)
            throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command);
        output.accept(builder);
        try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(socket));
            Process process = builder.start();
            AtomicBoolean late = new AtomicBoolean();
            Thread watch = Thread.ofVirtual().name("start").start(() -> closeUnlessConnected(process, listener, late));
            try {
                JsonConnection connection = new JsonConnection(listener.accept());
                try {
                    connection.read();
                    return new ConnectedProcess(process, connection);
                } catch (IOException e) {
                    connection.close();
                    throw e;
                }
            } catch (ClosedByInterruptException e) {
                process.destroyForcibly();
                throw e;
            } catch (IOException e) {
                throw new LoadException(end(process, late.get()), e);
            } finally {
                watch.interrupt();
            }
        } finally {
            Files.deleteIfExists(socket);
        }
    }

    /** Ends one that has not greeted, and says why it has not. */
    private static String end(Process process, boolean late) {
        process.destroyForcibly();
        int code = process.onExit().join().exitValue();
        return late
                ? "process must greet in time: timeout=" + TIMEOUT.toSeconds() + "s"
                : "process must greet before it ends: exit-code=" + code;
    }

    /**
     * One that ends, or takes too long, will neither connect nor greet: whoever waits for that is told by an exception.
     */
    private static void closeUnlessConnected(Process process, ServerSocketChannel listener, AtomicBoolean late) {
        try {
            if (!process.waitFor(TIMEOUT)) {
                late.set(true);
                process.destroyForcibly();
            }
            listener.close();
        } catch (InterruptedException e) {
            // It has greeted.
        } catch (IOException e) {
            // Nothing waits at it then.
        }
    }
}
