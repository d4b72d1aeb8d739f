package io.pageferry.history;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * The last ones that were refused, in memory and in a file of one JSON object a line. A file that cannot be read or
 * written costs nobody more than what it has: a line in the log says so, once. For any thread.
 */
public final class RefusalHistory {
    /** How many there are at the most. */
    static final int MOST = 500;

    /** The file is written anew when it has so many more lines. */
    private static final int SPARE_LINES = 500;

    private static final int MAX_FILE_BYTES = 8 << 20;
    private static final FileAttribute<?> OWNER =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private static final Logger LOG = LoggerFactory.getLogger(RefusalHistory.class);

    private final Optional<Path> file;
    private final Deque<Refusal> newestFirst = new ArrayDeque<>(); // guarded by this
    private int linesInFile; // guarded by this
    private boolean complained; // guarded by this

    private RefusalHistory(Optional<Path> file) {
        this.file = file;
    }

    /** One that ends with the process. */
    public static RefusalHistory inMemory() {
        return new RefusalHistory(Optional.empty());
    }

    /** Goes on with what a file has, which is made where there is none; its folder is there. */
    public static RefusalHistory in(Path file) {
        RefusalHistory history = new RefusalHistory(Optional.of(file));
        history.read(file);
        return history;
    }

    private synchronized void read(Path from) {
        try (InputStream in = Files.newInputStream(from, LinkOption.NOFOLLOW_LINKS)) {
            byte[] bytes = in.readNBytes(MAX_FILE_BYTES);
            for (String line : new String(bytes, StandardCharsets.UTF_8).lines().toList()) {
                linesInFile++;
                parse(line).ifPresent(this::remember);
            }
        } catch (NoSuchFileException e) {
            // The first time.
        } catch (IOException e) {
            complain(e);
        }
    }

    private static Optional<Refusal> parse(String line) {
        try {
            return Refusal.of(JsonMapper.shared().readTree(line));
        } catch (JacksonException e) {
            return Optional.empty();
        }
    }

    private void remember(Refusal refusal) {
        newestFirst.addFirst(refusal);
        if (newestFirst.size() > MOST) {
            newestFirst.removeLast();
        }
    }

    /** Adds one. */
    public synchronized void add(Refusal refusal) {
        remember(refusal);
        file.ifPresent(known -> write(known, refusal));
    }

    private void write(Path to, Refusal refusal) {
        try {
            if (linesInFile >= MOST + SPARE_LINES) {
                writeAnew(to);
                return;
            }
            write(to, line(refusal), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            linesInFile++;
        } catch (IOException e) {
            complain(e);
        }
    }

    private void writeAnew(Path to) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        newestFirst.descendingIterator().forEachRemaining(one -> all.writeBytes(line(one)));
        Path part = to.resolveSibling("." + to.getFileName() + ".part");
        Files.deleteIfExists(part);
        write(part, all.toByteArray(), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        Files.move(part, to, StandardCopyOption.ATOMIC_MOVE);
        linesInFile = newestFirst.size();
    }

    /** For its owner alone, whatever the umask. */
    private static void write(Path to, byte[] bytes, OpenOption... how) throws IOException {
        Set<OpenOption> options = new HashSet<>(List.of(how));
        options.add(LinkOption.NOFOLLOW_LINKS);
        try (SeekableByteChannel channel = Files.newByteChannel(to, options, OWNER)) {
            ByteBuffer left = ByteBuffer.wrap(bytes);
            while (left.hasRemaining()) {
                channel.write(left);
            }
        }
    }

    private static byte[] line(Refusal refusal) {
        return (refusal.toJson() + "\n").getBytes(StandardCharsets.UTF_8);
    }

    private void complain(IOException e) {
        if (!complained) {
            complained = true;
            LOG.warn("history of refusals must be kept: file={} reason=\"{}\"", file.orElseThrow(), e.toString());
        }
    }

    /**
     * The last ones, the newest first.
     *
     * @param limit how many at the most
     */
    public synchronized List<Refusal> newest(int limit) {
        return new ArrayList<>(newestFirst.stream().limit(limit).toList());
    }
}
