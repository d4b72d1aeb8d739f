package io.pageferry.load.report;

import io.pageferry.load.MachineMemory;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where figures come from: without it they say nothing.
 *
 * @param version of Pageferry
 * @param commit that it was built from, as far as can be known
 * @param jdk name and version
 * @param jvmFlags that the processes have
 * @param kernel Linux's version
 * @param processor its name
 * @param processors how many may be used
 * @param memoryBytes the machine's
 * @param hugePages the kernel's setting of transparent huge pages
 * @param loadAverage processes that ran already when the test began, over a minute
 */
public record Environment(
        String version,
        String commit,
        String jdk,
        List<String> jvmFlags,
        String kernel,
        String processor,
        int processors,
        long memoryBytes,
        String hugePages,
        double loadAverage) {
    private static final String UNKNOWN = "unknown";

    /** Looks at this machine and process. */
    public static Environment here(String version) {
        return new Environment(
                version,
                findCommit(),
                System.getProperty("java.vm.vendor") + " " + Runtime.version(),
                ManagementFactory.getRuntimeMXBean().getInputArguments(),
                System.getProperty("os.version"),
                find("/proc/cpuinfo", "model name\\s*: (.*)"),
                Runtime.getRuntime().availableProcessors(),
                MachineMemory.totalBytes(),
                find("/sys/kernel/mm/transparent_hugepage/enabled", "\\[(\\w+)]"),
                ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
    }

    private static String find(String file, String pattern) {
        try {
            Matcher matcher = Pattern.compile(pattern).matcher(Files.readString(Path.of(file)));
            return matcher.find() ? matcher.group(1).strip() : UNKNOWN;
        } catch (IOException e) {
            return UNKNOWN;
        }
    }

    /** The commit of the checkout that this program lies in, where it does. */
    private static String findCommit() {
        try {
            Path program = Path.of(Environment.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            Process git = new ProcessBuilder("git", "describe", "--always", "--dirty", "--abbrev=12")
                    .directory(program.getParent().toFile())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String said = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return git.waitFor() == 0 && !said.isEmpty() ? said : UNKNOWN;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return UNKNOWN;
        } catch (IOException | URISyntaxException e) {
            return UNKNOWN;
        }
    }
}
