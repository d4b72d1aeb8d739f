package io.pageferry.cli;

import io.pageferry.config.ByteSize;
import io.pageferry.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Model.OptionSpec;

/** {@code prime}: makes the cache with which the JVM starts faster, in a process of its own that does what users do. */
final class PrimeCommand extends ReportingCommand {
    private static final long TIMEOUT_SECONDS = 120;

    /** What the JVM writes beside a cache that it makes, and leaves there where it is ended meanwhile. */
    private static final String LEFT_BY_JVM = ".config";

    private final Value<Boolean> train;

    PrimeCommand() {
        super(
                "prime",
                "Makes a cache beside the jar, with which a start takes less, and the first migration too: what the JVM"
                        + " loads and compiles for them.",
                "",
                "Beside it is a file of options, with which java uses it: java @pageferry.java-options -jar"
                        + " pageferry.jar.",
                "",
                "It is for this jar and this JDK: after an update of either it is not used any more, until it is made"
                        + " again. Where the JVM is to be given flags,"
                        + " such as another garbage collector, give them to this command too.",
                "");
        train = model.add(
                Value.flag(),
                OptionSpec.builder("--train").hidden(true).description("Be the process that the JVM learns from."));
    }

    @Override
    Ending run() throws IOException, InterruptedException {
        if (train.get()) {
            Training.run();
            return Ending.completed(Json.object(), List.of());
        }
        long start = System.nanoTime();
        Path jar = ownJar();
        Path cache = AotCache.beside(jar);
        make(cache);
        Path options = AotCache.optionsBeside(jar);
        AotCache.writeOptions(jar);
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        return Ending.completed(
                Json.object()
                        .put("status", "completed")
                        .put("cache", cache.toString())
                        .put("java-options", options.toString())
                        .put("size", Files.size(cache))
                        .put("total-time", millis),
                List.of(
                        MigrationReport.row("cache", cache + ", " + ByteSize.format(Files.size(cache))),
                        MigrationReport.row("total time", millis + " ms"),
                        MigrationReport.row("to use it", "java @" + options + " -jar " + jar)));
    }

    private static Path ownJar() {
        String path = System.getProperty("java.class.path");
        if (!path.endsWith(".jar") || path.indexOf(':') >= 0) {
            throw new ConfigException("cache is of a jar, start it with java -jar: classPath=" + path);
        }
        return Path.of(path).toAbsolutePath();
    }

    /** The cache appears when it is whole. */
    private static void make(Path cache) throws IOException, InterruptedException {
        if (!Files.isWritable(cache.getParent())) {
            throw new IOException(
                    "cache is to be beside the jar, so its folder must be writable: folder=" + cache.getParent());
        }
        Path part = Files.createTempFile(cache.getParent(), "prime", ".part");
        Path log = Files.createTempFile("prime", ".log");
        try {
            runTraining(part, log);
            Files.setPosixFilePermissions(
                    part, Files.getPosixFilePermissions(Path.of(System.getProperty("java.class.path"))));
            Files.move(part, cache, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(part);
            Files.deleteIfExists(Path.of(part + LEFT_BY_JVM));
            Files.deleteIfExists(log);
        }
    }

    private static void runTraining(Path part, Path log) throws IOException, InterruptedException {
        Process training = new ProcessBuilder(command(part))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            if (!training.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException("cache must be made within " + TIMEOUT_SECONDS + " s");
            }
        } finally {
            training.descendants().forEach(ProcessHandle::destroyForcibly);
            training.destroyForcibly();
        }
        if (training.exitValue() != 0 || Files.size(part) == 0) {
            throw new IOException("JVM must be able to make a cache: exitCode=" + training.exitValue() + " output=\""
                    + Files.readString(log) + "\"");
        }
    }

    private static List<String> command(Path part) {
        List<String> command = JavaCommand.withFlags();
        command.removeIf(AotCache::isOurs);
        command.addAll(AotCache.flagsToMake(part));
        command.addAll(List.of("-jar", System.getProperty("java.class.path"), "prime", "--train"));
        return command;
    }
}
