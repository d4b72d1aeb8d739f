package io.pageferry.net;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;
import sun.nio.ch.SelChImpl;

/** The file of a UNIX socket that this process listens at. Immutable, so for any thread. */
final class SocketFile {
    private static final Set<PosixFilePermission> OWNER =
            Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

    /** Of a file's mode, as {@code stat} has it. */
    private static final int FILE_TYPE = 0170000;

    private static final int SOCKET = 0140000;

    private final Path path;

    /** Which file it is, whatever has its name later. */
    private final Object key;

    private SocketFile(Path path, Object key) {
        this.path = path;
        this.key = key;
    }

    /** The file of a socket that has just been bound. */
    static SocketFile at(Path path) throws IOException {
        return new SocketFile(path, fileKey(path));
    }

    /** Removes the file, unless somebody else's has its name by now. */
    void remove() {
        try {
            if (key.equals(fileKey(path))) {
                Files.delete(path);
            }
        } catch (IOException e) {
            // It has gone, or somebody else has it; the next listener will say so.
        }
    }

    /**
     * What bind makes in the file system has the mode that the socket has by then, less the umask: so there is no
     * moment in which somebody else could connect. To change the mode after bind would leave one, as the JDK listens at
     * once; a umask is the whole process's.
     */
    static void restrictToOwner(ServerSocketChannel notBound) throws IOException {
        Path socket = Path.of("/proc/self/fd/" + ((SelChImpl) notBound).getFDVal());
        Files.setPosixFilePermissions(socket, OWNER);
    }

    /** A socket that a process left behind is in nobody's use; one that somebody listens at, or another file, stays. */
    static void removeStale(Path path) throws IOException {
        if (isSocket(path) && refusesConnections(path)) {
            Files.delete(path);
        }
    }

    private static boolean isSocket(Path path) throws IOException {
        return Files.exists(path, LinkOption.NOFOLLOW_LINKS)
                && ((int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) & FILE_TYPE) == SOCKET;
    }

    /** Without waiting: who listens may have no room for one more connection. */
    private static boolean refusesConnections(Path path) throws IOException {
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            probe.configureBlocking(false);
            probe.connect(UnixDomainSocketAddress.of(path));
            return false;
        } catch (ConnectException e) {
            return true;
        } catch (SocketException e) {
            return false; // of another kind, or another user's
        }
    }

    private static Object fileKey(Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .fileKey();
    }
}
