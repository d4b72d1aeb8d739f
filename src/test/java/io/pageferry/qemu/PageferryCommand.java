package io.pageferry.qemu;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Pageferry as its users run it: {@code java -jar}, with no flags. Closing it ends the process. */
public final class PageferryCommand implements AutoCloseable {
    private static final Path JAR = Path.of("target", "pageferry.jar");
    private static final String LISTENING = "listening on ";
    private static final String PROGRESS = " INFO ";

    private final ChildProcess process;

    private PageferryCommand(ChildProcess process) {
        this.process = process;
    }

    /**
     * Starts a command.
     *
     * @param folder where its output goes
     */
    public static PageferryCommand start(Path folder, Object... arguments) throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        List<String> command =
                new ArrayList<>(List.of(java, "-jar", JAR.toAbsolutePath().toString()));
        Arrays.stream(arguments).map(Object::toString).forEach(command::add);
        Path own = Files.createTempDirectory(folder, "pageferry");
        return new PageferryCommand(ChildProcess.start("pageferry-" + arguments[0], own, command));
    }

    /** Runs a command that must complete, to its end; returns what it says. */
    public static String run(Path folder, Object... arguments) throws Exception {
        try (PageferryCommand command = start(folder, arguments)) {
            return command.awaitCompleted();
        }
    }

    /** The same for a command with {@code --json}. */
    public static JsonNode runForJson(Path folder, Object... arguments) throws Exception {
        try (PageferryCommand command = start(folder, arguments)) {
            return command.awaitCompletedForJson();
        }
    }

    /** Waits until the command can be connected to; returns where. */
    public String awaitListening() {
        Eventually.await("listening " + process)
                .failFast("process has ended: " + process, () -> !process.isAlive())
                .until(() -> listening().isPresent());
        return listening().orElseThrow();
    }

    private Optional<String> listening() {
        return process.stderr().lines().stream()
                .filter(line -> line.startsWith(LISTENING))
                .map(line -> line.substring(LISTENING.length()))
                .findFirst();
    }

    /** Waits for the end of a command that must complete; returns what it says. */
    public String awaitCompleted() throws InterruptedException {
        int code = process.awaitExit();
        if (code != 0) {
            throw new AssertionError("command must complete: code=" + code + " " + process);
        }
        return process.stdout().text();
    }

    /** The same for a command with {@code --json}. */
    public JsonNode awaitCompletedForJson() throws InterruptedException {
        return JsonMapper.shared().readTree(awaitCompleted());
    }

    /** Waits for the end of a command that must fail, with one line on stderr and nothing on stdout; returns that line. */
    public String awaitFailed() throws InterruptedException {
        int code = process.awaitExit();
        List<String> lines = process.stderr().lines().stream()
                .filter(line -> !line.startsWith(LISTENING) && !line.contains(PROGRESS))
                .toList();
        if (code != 1
                || lines.size() != 1
                || !lines.getFirst().startsWith("pageferry: ")
                || !process.stdout().text().isEmpty()) {
            throw new AssertionError("command must fail with one line: code=" + code + " " + process + " stdout=\""
                    + process.stdout().text() + "\"");
        }
        return lines.getFirst();
    }

    /** Asks the command to end, as Ctrl-C does. */
    public void terminate() {
        process.terminate();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    @Override
    public void close() {
        process.close();
    }
}
