package io.pageferry.perf;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.lang.ProcessBuilder.Redirect;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A process that runs {@link MemoryEndpoint} or {@link ModeEndpoint}, with the flags of this JVM. */
final class EndpointProcess implements AutoCloseable {
    private final Process process;
    private final Writer jobs;
    private final BufferedReader answers;

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
        List<String> command = new ArrayList<>(List.of("setpriv", "--pdeathsig", "KILL"));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), endpointClass.getName()));
        command.addAll(Arrays.asList(arguments));
        EndpointProcess endpoint = new EndpointProcess(
                new ProcessBuilder(command).redirectError(Redirect.INHERIT).start());
        endpoint.awaitAnswer("ready");
        return endpoint;
    }

    long pid() {
        return process.pid();
    }

    /** Lets it take the next guest in; returns where it listens. */
    String receive(int channels) throws IOException {
        say("receive " + channels);
        return awaitAnswer("listening")[1];
    }

    /** The guest that was to come is there. */
    Rate awaitReceived() throws IOException {
        return rate(awaitAnswer("received"));
    }

    /** Sends its guest. */
    Rate send(int channels, String uri) throws IOException {
        say("send " + channels + " " + uri);
        return rate(awaitAnswer("sent"));
    }

    /** Sends its guest as it is to one who is to be filled. */
    void fill(int channels, String uri) throws IOException {
        say("plain " + channels + " " + uri);
        awaitAnswer("sent");
    }

    private static Rate rate(String[] answer) {
        return new Rate(Long.parseLong(answer[2]), Long.parseLong(answer[1]));
    }

    private void say(String job) throws IOException {
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
