package io.pageferry.perf;

import io.pageferry.cli.AotCache;
import io.pageferry.cli.JavaCommand;
import io.pageferry.cli.Main;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A process that runs {@link MemoryEndpoint} or {@link ModeEndpoint}, with the flags of this JVM. */
final class EndpointProcess implements AutoCloseable {
    private static final String JAR = "target/pageferry.jar";

    private final Process process;
    private final Writer jobs;
    private final BufferedReader answers;
    private boolean warm;

    private EndpointProcess(Process process) {
        this.process = process;
        this.jobs = process.outputWriter();
        this.answers = process.inputReader();
    }

    /** Starts a memory endpoint and waits until its guest, if it has any, is there. */
    static EndpointProcess start(String... arguments) throws IOException {
        return start(MemoryEndpoint.class, arguments);
    }

    /** Starts an endpoint and waits until its guest, if it has any, is there. */
    static EndpointProcess start(Class<?> endpointClass, String... arguments) throws IOException {
        return start(endpointClass, List.of(), arguments);
    }

    /** The same with some flags more. */
    static EndpointProcess start(Class<?> endpointClass, List<String> flags, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("setpriv", "--pdeathsig", "KILL"));
        command.addAll(JavaCommand.withFlags());
        command.addAll(flags);
        // The jar goes first: its cache is one of class paths that begin with it.
        command.addAll(List.of("-cp", JAR + ":" + System.getProperty("java.class.path"), endpointClass.getName()));
        command.addAll(Arrays.asList(arguments));
        EndpointProcess endpoint = new EndpointProcess(
                new ProcessBuilder(command).redirectError(Redirect.INHERIT).start());
        endpoint.awaitAnswer("ready");
        return endpoint;
    }

    /** Makes the cache that {@code pageferry prime} makes, with the flags of this JVM, which it has to fit. */
    static void prime(Path cache) throws IOException, InterruptedException {
        List<String> command = JavaCommand.withFlags();
        command.addAll(AotCache.flagsToMake(cache));
        command.addAll(List.of("-cp", JAR, Main.class.getName(), "prime", "--train"));
        Path log = Files.createTempFile("prime", ".log");
        try {
            Process training = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            if (training.waitFor() != 0) {
                throw new IOException("cache must be made: output=\"" + Files.readString(log) + "\"");
            }
        } finally {
            Files.delete(log);
        }
    }

    long pid() {
        return process.pid();
    }

    /** Lets it take the next guest in; returns where it listens. */
    String receive(int channels) throws IOException {
        request("receive " + channels);
        return awaitAnswer("listening")[1];
    }

    /**
     * The same where its memory, or the file that it goes to, is told.
     *
     * @param how {@code warm}, {@code image PATH}, {@code direct PATH}
     */
    String receive(int channels, String how) throws IOException {
        warm |= how.equals("warm");
        request(("receive " + channels + " " + how).strip());
        return awaitAnswer("listening")[1];
    }

    /** Whether it keeps memory. */
    boolean isWarm() {
        return warm;
    }

    /** Frees the memory that it keeps, where it has some. */
    void freeWarmMemory() throws IOException {
        if (warm) {
            request("free-warm-memory");
            awaitAnswer("freed");
            warm = false;
        }
    }

    /** Lets it take a bare copy in; returns the port. */
    String receiveBare(int sockets, long bytes) throws IOException {
        request("bare-receive " + sockets + " " + bytes);
        return awaitAnswer("listening")[1];
    }

    /** Copies its guest's bytes to somebody's port. */
    Rate sendBare(int sockets, String port) throws IOException {
        request("bare-send " + sockets + " " + port);
        return rate(awaitAnswer("sent"));
    }

    /** The guest that was to come is there. */
    Rate awaitReceived() throws IOException {
        return rate(awaitAnswer("received"));
    }

    /** Sends its guest. */
    Rate send(int channels, String uri) throws IOException {
        request("send " + channels + " " + uri);
        return rate(awaitAnswer("sent"));
    }

    /** Sends its guest as it is to one who is to be filled. */
    void fill(int channels, String uri) throws IOException {
        request("plain " + channels + " " + uri);
        awaitAnswer("sent");
    }

    /** Sends its guest over and over again, up to a size. */
    Rate sendFolded(int channels, String uri, long bytes) throws IOException {
        request("send-folded " + channels + " " + uri + " " + bytes);
        return rate(awaitAnswer("sent"));
    }

    /** Sends its guest while that runs. */
    Stop sendLive(int channels, String uri) throws IOException {
        request("send-live " + channels + " " + uri);
        String[] answer = awaitAnswer("sent");
        return new Stop(Long.parseLong(answer[1]), Long.parseLong(answer[2]), Double.parseDouble(answer[3]));
    }

    /** Sends its guest as it stands still, and single pages of it again: that round's rate. */
    Rate sendScattered(int channels, String uri) throws IOException {
        request("send-scattered " + channels + " " + uri);
        return rate(awaitAnswer("sent"));
    }

    /** What a byte takes to another process and back. */
    long roundTripNanosTo(EndpointProcess other) throws IOException {
        other.request("echo");
        request("round-trip " + other.awaitAnswer("listening")[1]);
        long nanos = Long.parseLong(awaitAnswer("measured")[1]);
        other.awaitAnswer("echoed");
        return nanos;
    }

    /**
     * What there is to be said of a guest that stood still.
     *
     * @param leftBytes what was sent meanwhile
     * @param bytesPerSecond the rate of the last round before
     */
    record Stop(long nanos, long leftBytes, double bytesPerSecond) {}

    private static Rate rate(String[] answer) {
        return new Rate(Long.parseLong(answer[2]), Long.parseLong(answer[1]));
    }

    private void request(String job) throws IOException {
        jobs.write(job + "\n");
        jobs.flush();
    }

    private String[] awaitAnswer(String first) throws IOException {
        String answer = answers.readLine();
        if (answer == null || !answer.startsWith(first)) {
            throw new IOException("endpoint must answer: awaited=\"" + first + "\" answer=\"" + answer + "\"");
        }
        return answer.split(" ");
    }

    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().join();
    }
}
