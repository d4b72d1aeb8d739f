package io.pageferry.perf.jmh;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * The fastest that one core reads memory: a loop in C with AVX2, compiled where the benchmark runs. Without a C
 * compiler, or on another processor, benchmarks that need it fail and say so; the others run.
 */
@State(Scope.Thread)
public class PlainReadInC {
    private static final String SOURCE = """
            #include <immintrin.h>

            long plain_read(const char *from, long bytes) {
                __m256i a = _mm256_setzero_si256(), b = a, c = a, d = a;
                for (const char *at = from; at < from + bytes; at += 128) {
                    a = _mm256_or_si256(a, _mm256_loadu_si256((const __m256i *) at));
                    b = _mm256_or_si256(b, _mm256_loadu_si256((const __m256i *) (at + 32)));
                    c = _mm256_or_si256(c, _mm256_loadu_si256((const __m256i *) (at + 64)));
                    d = _mm256_or_si256(d, _mm256_loadu_si256((const __m256i *) (at + 96)));
                }
                __m256i all = _mm256_or_si256(_mm256_or_si256(a, b), _mm256_or_si256(c, d));
                return _mm256_extract_epi64(all, 0) | _mm256_extract_epi64(all, 1)
                     | _mm256_extract_epi64(all, 2) | _mm256_extract_epi64(all, 3);
            }
            """;

    private Arena arena;
    private MethodHandle function;

    @Setup
    @SuppressWarnings("restricted") // a benchmark is on its own
    public void compile() throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("pageferry-jmh");
        Path source = folder.resolve("plain-read.c");
        Path library = folder.resolve("plain-read.so");
        try {
            Files.writeString(source, SOURCE);
            run("cc", "-O2", "-mavx2", "-shared", "-fPIC", "-o", library.toString(), source.toString());
            arena = Arena.ofConfined();
            function = Linker.nativeLinker()
                    .downcallHandle(
                            SymbolLookup.libraryLookup(library, arena).findOrThrow("plain_read"),
                            FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG));
        } finally {
            Files.deleteIfExists(source);
            Files.deleteIfExists(library);
            Files.delete(folder);
        }
    }

    private static void run(String... command) throws IOException, InterruptedException {
        Process process;
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            throw new IllegalStateException("plain read in C needs a C compiler: command=cc (package gcc)", e);
        }
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IllegalStateException("plain read in C needs a processor with AVX2: reason=\"" + said + "\"");
        }
    }

    @TearDown
    public void unload() {
        arena.close();
    }

    /** All of a segment into one number. */
    long read(MemorySegment segment) throws Throwable {
        return (long) function.invokeExact(segment, segment.byteSize());
    }
}
