package io.pageferry.perf;

import io.pageferry.config.MigrationUri;
import io.pageferry.testing.PageferryProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A packaged server to be measured, with a heap of fixed size that is all there from the beginning: what its memory
 * grows by is not the heap's then.
 */
final class ServerProcess implements AutoCloseable {
    private static final Pattern HEAP_USED = Pattern.compile("garbage-first heap.*used (\\d+)K");
    private static final Pattern ANONYMOUS = Pattern.compile("(?m)^Anonymous:\\s+(\\d+) kB");
    private static final Pattern TCP_PAGES = Pattern.compile("(?m)^TCP:.* mem (\\d+)");
    private static final int KERNEL_PAGE_KIB = 4;

    private final PageferryProcess process;
    private final MigrationUri uri;

    private ServerProcess(PageferryProcess process) {
        this.process = process;
        this.uri = MigrationUri.parse(process.awaitListening());
    }

    /**
     * Starts one that listens on loopback.
     *
     * @param output a folder for what it says
     * @param heap its size, in the JVM's words: {@code 256m}
     * @param flags more of them for the JVM
     * @param arguments after {@code serve --listen URI --store DIR}
     */
    static ServerProcess start(Path output, Path store, String heap, List<String> flags, List<String> arguments)
            throws IOException {
        List<String> jvm =
                new ArrayList<>(List.of("-Xms" + heap, "-Xmx" + heap, "-XX:+UseG1GC", "-XX:+AlwaysPreTouch"));
        jvm.addAll(flags);
        List<String> command =
                new ArrayList<>(List.of("serve", "--listen", "tcp:127.0.0.1:0", "--store", store.toString()));
        command.addAll(arguments);
        return new ServerProcess(
                PageferryProcess.in(output).flags(jvm.toArray(String[]::new)).start(command.toArray()));
    }

    MigrationUri uri() {
        return uri;
    }

    long pid() {
        return process.process().pid();
    }

    /** What it has said. */
    String log() {
        return process.process().stderr().text();
    }

    /**
     * What a server holds.
     *
     * @param heapKib used after a collection of all garbage
     * @param nativeKib all other memory of its own: buffers, stacks, compiled code, the JVM's own
     * @param kernelKib the kernel's memory for TCP, of both ends of all connections of this machine
     */
    record Holding(long heapKib, long nativeKib, long kernelKib, int descriptors, int threads) {}

    /** Collects all garbage and looks. */
    Holding holding() throws IOException, InterruptedException {
        jcmd("GC.run");
        jcmd("GC.run"); // what cleaners have let go of meanwhile
        long heap = number(HEAP_USED, jcmd("GC.heap_info"));
        long anonymous = number(ANONYMOUS, Files.readString(proc("smaps_rollup")));
        long kernel = number(TCP_PAGES, Files.readString(Path.of("/proc/net/sockstat"))) * KERNEL_PAGE_KIB;
        return new Holding(heap, anonymous, kernel, count(proc("fd")), count(proc("task")));
    }

    private Path proc(String file) {
        return Path.of("/proc", String.valueOf(pid()), file);
    }

    private static int count(Path folder) throws IOException {
        int count = 0;
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            for (Path _ : entries) {
                count++;
            }
        }
        return count;
    }

    /** Asks the JVM of the server; returns what it answers. */
    String jcmd(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString());
        command.add(String.valueOf(pid()));
        command.addAll(List.of(arguments));
        Process jcmd = new ProcessBuilder(command).redirectErrorStream(true).start();
        String answer = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (jcmd.waitFor() != 0) {
            throw new IOException("server's JVM must answer: answer=\"" + answer + "\"");
        }
        return answer;
    }

    private static long number(Pattern pattern, String text) throws IOException {
        Matcher matcher = pattern.matcher(text);
        if (!matcher.find()) {
            throw new IOException("figure must be there: pattern=" + pattern + " text=\"" + text + "\"");
        }
        return Long.parseLong(matcher.group(1));
    }

    @Override
    public void close() {
        process.close();
    }
}
