package io.pageferry.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.pageferry.testing.StreamBytes;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The page size of an image: said by each block's header, and sometimes by the configuration too. */
@Timeout(30)
class ImagePageSizeTest {
    private static final long BLOCK_BYTES = 1 << 20;

    @ParameterizedTest
    @ValueSource(ints = {1024, 4096, 8192, 65536})
    void shouldBeThatOfTheHeadersWhenTheConfigurationSaysNone(int pageSize) throws Exception {
        RamSectionReader reader = reader(pageSize, BLOCK_BYTES, OptionalInt.empty());
        reader.readRecords(new RamRecorder(pageSize));
        assertEquals(pageSize, reader.pageSizeBytes());
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "4097, 4097", "512, 512", "131072, 131072", "-4096, 18446744073709547520"})
    void shouldBeRefusedWhenNoGuestHasIt(long pageSize, String shown) {
        RamSectionReader reader = reader(pageSize, BLOCK_BYTES, OptionalInt.empty());
        assertEquals(
                "mapped-ram page size must be a power of two from 1024 to 65536: block=ram pageSize=" + shown,
                refusal(reader));
    }

    @ParameterizedTest
    @CsvSource({"8192, 5120", "4096, 1024"})
    void shouldBeRefusedWhenABlockIsNotWholePagesOfIt(int pageSize, long blockBytes) {
        RamSectionReader reader = reader(pageSize, blockBytes, OptionalInt.empty());
        assertEquals(
                "RAM block must be whole pages: block=ram length=0x" + Long.toHexString(blockBytes) + " pageSize="
                        + pageSize,
                refusal(reader));
    }

    @ParameterizedTest
    @ValueSource(ints = {1024, 8192})
    void shouldBeRefusedWhenTheConfigurationSaysAnother(int pageSize) {
        RamSectionReader reader = reader(pageSize, BLOCK_BYTES, OptionalInt.of(12));
        assertEquals(
                "mapped-ram page size must be the guest's: block=ram pageSize=" + pageSize + " expected=4096",
                refusal(reader));
    }

    @ParameterizedTest
    @CsvSource({
        "pc-i440fx-10.0, 4096, true",
        "virt-7.2, 4096, true",
        "sun4u, 8192, true",
        "sun4v, 8192, true",
        "niagara, 8192, true",
        "clipper, 8192, true",
        "or1k-sim, 8192, true",
        "virt, 4096, false",
        "mps2-an385, 4096, false"
    })
    void shouldComeFromTheMachineTypeWhereAStreamSaysNone(String machine, int pageSize, boolean known) {
        Configuration configuration = Configuration.of(machine);
        assertEquals(pageSize, configuration.pageSizeBytes());
        assertEquals(known, configuration.isPageSizeKnown());
    }

    private static String refusal(RamSectionReader reader) {
        return assertThrows(StreamException.class, () -> reader.readRecords(new RamRecorder(4096)))
                .getMessage();
    }

    private static RamSectionReader reader(long pageSize, long blockBytes, OptionalInt pageBits) {
        Configuration configuration = new Configuration(
                new MachineType("none"), pageBits, List.of(Configuration.MAPPED_RAM), Optional.empty());
        long header = 8 + 4 + 8;
        StreamBytes bytes = new StreamBytes()
                .u64(blockBytes | RamFlags.MEM_SIZE)
                .name("ram")
                .u64(blockBytes)
                .u32(1)
                .u64(pageSize)
                .u64(header + 28)
                .u64(1 << 20);
        int start = bytes.length();
        bytes.raw(new byte[(1 << 20) - start + (int) blockBytes]).u64(RamFlags.EOS);
        return RamSectionReader.ofImage(bytes.input(), configuration, 1L << 30);
    }
}
