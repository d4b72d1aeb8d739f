package io.pageferry.testing;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.HotSpotDiagnosticMXBean.ThreadDumpFormat;
import io.pageferry.memory.MemoryRegion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What this process holds: threads, virtual ones too, open sockets and files, mapped memory. */
record ProcessResources(Set<String> held, long regions) {
    /** Threads that the JDK starts when it needs them and keeps. */
    private static final Pattern OF_THE_JDK = Pattern.compile(
            "ForkJoinPool.*|VirtualThread-un.*|.*Poller.*|process reaper.*|.*Cleaner.*|JFR .*|Attach Listener|C[12] Compiler.*|Notification Thread"
                    + "|junit-.*|awaitility-.*|surefire-.*|RMI .*|Keep-Alive.*");

    /** The JDK's own: pollers, the memory of the class path. */
    private static final Pattern FILES_OF_THE_JDK =
            Pattern.compile("anon_inode:.*|pipe:.*|.*\\.jar|.*/lib/modules|/dev/u?random|/proc/.*");

    static {
        openSocketThatTheJdkKeeps();
    }

    static ProcessResources now() {
        Set<String> held = new TreeSet<>();
        addThreads(held);
        addFiles(held);
        return new ProcessResources(held, MemoryRegion.openRegions());
    }

    /** What is there now and was not before. */
    Set<String> since(ProcessResources before) {
        Set<String> more = held.stream()
                .filter(name -> !before.held.contains(name))
                .collect(Collectors.toCollection(TreeSet::new));
        if (regions > before.regions) {
            more.add("memory regions: " + before.regions + " before, now " + regions);
        }
        return more;
    }

    /** At the first close of a channel the JDK makes a socket of its own, which it needs for closing others, and keeps it. */
    private static void openSocketThatTheJdkKeeps() {
        try {
            ServerSocketChannel.open().close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void addThreads(Set<String> held) {
        try {
            Path folder = Files.createTempDirectory("threads");
            Path dump = folder.resolve("threads.json");
            try {
                ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                        .dumpThreads(dump.toString(), ThreadDumpFormat.JSON);
                JsonNode root = JsonMapper.shared().readTree(Files.readString(dump));
                for (JsonNode container : root.at("/threadDump/threadContainers")) {
                    for (JsonNode thread : container.get("threads")) {
                        String name = thread.get("name").asString();
                        if (!OF_THE_JDK.matcher(name).matches()) {
                            held.add("thread " + thread.get("tid").asString() + " \"" + name + "\"");
                        }
                    }
                }
            } finally {
                Files.deleteIfExists(dump);
                Files.delete(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void addFiles(Set<String> held) {
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path descriptor : descriptors) {
                try {
                    String target = Files.readSymbolicLink(descriptor).toString();
                    if (!FILES_OF_THE_JDK.matcher(target).matches()) {
                        held.add("descriptor " + descriptor.getFileName() + " " + target);
                    }
                } catch (NoSuchFileException e) {
                    // The descriptor of the listing itself, or one that has just been closed.
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
