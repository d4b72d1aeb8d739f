package io.pageferry.testing;

import io.pageferry.memory.MemoryRegion;
import io.pageferry.net.tls.BoringLibrary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import jdk.internal.vm.ThreadContainer;
import jdk.internal.vm.ThreadContainers;

/**
 * What this process holds: threads, virtual ones too, open sockets and files, mapped memory, what BoringSSL works with.
 */
record ProcessResources(Set<String> held, long regions, long ofBoringSsl) {
    /** Threads that the JDK starts when it needs them and keeps. */
    private static final Pattern OF_THE_JDK = Pattern.compile(
            "ForkJoinPool.*|VirtualThread-un.*|.*Poller.*|process reaper.*|.*Cleaner.*|JFR .*|Attach Listener|C[12]"
                    + " Compiler.*|Notification Thread"
                    + "|junit-.*|awaitility-.*|surefire-.*|RMI .*|Keep-Alive.*");

    /** The JDK's own: pollers, the memory of the class path. */
    private static final Pattern FILES_OF_THE_JDK =
            Pattern.compile("anon_inode:.*|pipe:.*|.*\\.jar|.*/lib/modules|/dev/u?random|/proc/.*");

    static {
        openSocketThatTheJdkKeeps();
    }

    static ProcessResources now() {
        Set<String> held = new TreeSet<>();
        addThreads(ThreadContainers.root(), held);
        addFiles(held);
        return new ProcessResources(held, MemoryRegion.openRegions(), BoringLibrary.heldNatively());
    }

    /** What is there now and was not before. */
    Set<String> since(ProcessResources before) {
        Set<String> more = held.stream()
                .filter(name -> !before.held.contains(name))
                .collect(Collectors.toCollection(TreeSet::new));
        if (regions > before.regions) {
            more.add("memory regions: " + before.regions + " before, now " + regions);
        }
        if (ofBoringSsl > before.ofBoringSsl) {
            more.add("BoringSSL's: " + before.ofBoringSsl + " before, now " + ofBoringSsl);
        }
        return more;
    }

    /**
     * At the first close of a channel the JDK makes a socket of its own, which it needs for closing others, and keeps
     * it.
     */
    private static void openSocketThatTheJdkKeeps() {
        try {
            ServerSocketChannel.open().close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Without their stacks, as a thread dump has them: taking those has crashed JDK 25.0.3. */
    private static void addThreads(ThreadContainer container, Set<String> held) {
        container
                .threads()
                .filter(thread -> !OF_THE_JDK.matcher(thread.getName()).matches())
                .forEach(thread -> held.add("thread " + thread.threadId() + " \"" + thread.getName() + "\""));
        container.children().forEach(child -> addThreads(child, held));
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
