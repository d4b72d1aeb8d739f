package io.pageferry.perf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;

/** What a guest's RAM has in it while it is measured. Stateless. */
enum RamContent {
    RANDOM {
        @Override
        void fill(MemorySegment ram) {
            SplittableRandom random = new SplittableRandom(SEED);
            for (long i = 0; i < ram.byteSize(); i += Long.BYTES) {
                ram.set(ValueLayout.JAVA_LONG, i, random.nextLong());
            }
        }
    },

    /** Words of a language that nobody speaks, some of them far more frequent than others. */
    TEXT {
        @Override
        void fill(MemorySegment ram) {
            MemorySegment text = MemorySegment.ofArray(text(TEXT_BYTES));
            for (long i = 0; i < ram.byteSize(); i += TEXT_BYTES) {
                MemorySegment.copy(text, 0, ram, i, Math.min(TEXT_BYTES, ram.byteSize() - i));
            }
        }
    },

    /** Memory that nobody has touched. */
    UNTOUCHED {
        @Override
        void fill(MemorySegment ram) {
            // It is so.
        }
    },

    /** Zeros that were written. */
    ZEROS {
        @Override
        void fill(MemorySegment ram) {
            ram.fill((byte) 1);
            ram.fill((byte) 0);
        }
    };

    private static final long SEED = 1;

    /** Repeated from then on: no compressor looks so far back. */
    private static final int TEXT_BYTES = 16 << 20;

    private static final int WORDS = 4096;
    private static final int SHORTEST = 2;
    private static final int LONGEST = 10;
    private static final int WORDS_A_LINE = 12;

    /** Fills RAM that is fresh. */
    abstract void fill(MemorySegment ram);

    private static byte[] text(int length) {
        SplittableRandom random = new SplittableRandom(SEED);
        byte[][] words = new byte[WORDS][];
        for (int i = 0; i < WORDS; i++) {
            words[i] = word(random);
        }
        byte[] text = new byte[length];
        int at = 0;
        for (int count = 1; at < length; count++) {
            byte[] word = words[(int) Math.pow(WORDS, random.nextDouble())];
            int copied = Math.min(word.length, length - at);
            System.arraycopy(word, 0, text, at, copied);
            at += copied;
            if (at < length) {
                text[at++] = (byte) (count % WORDS_A_LINE == 0 ? '\n' : ' ');
            }
        }
        return text;
    }

    private static byte[] word(SplittableRandom random) {
        StringBuilder word = new StringBuilder();
        int length = random.nextInt(SHORTEST, LONGEST + 1);
        for (int i = 0; i < length; i++) {
            word.append((char) random.nextInt('a', 'z' + 1));
        }
        return word.toString().getBytes(StandardCharsets.US_ASCII);
    }
}
