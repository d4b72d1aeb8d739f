package io.pageferry.hostile;

import static io.pageferry.hostile.Source.CONFIGURATION;
import static io.pageferry.hostile.Source.DATA_PACKET;
import static io.pageferry.hostile.Source.MACHINE;
import static io.pageferry.hostile.Source.SETUP_SECTION;
import static io.pageferry.wire.RamPacketFlyweight.PAGES_ALLOC_FIELD_OFFSET;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pageferry.config.MigrationCapability;
import io.pageferry.config.MigrationParameters;
import io.pageferry.testing.LeakFree;
import io.pageferry.testing.StreamBytes;
import java.nio.file.Path;
import java.util.UUID;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A source that has something on that is not taken in here, or not like this: the line says what to turn off, or to
 * set.
 */
@LeakFree
@Timeout(60)
class RefusedMainStreamTest {
    private static final int MAIN = 0;
    private static final int CHANNEL_0 = 1;

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "4  | POSTCOPY_LISTEN, turn off postcopy-ram",
                "5  | POSTCOPY_RUN, turn off postcopy-ram",
                "6  | POSTCOPY_RAM_DISCARD, turn off postcopy-ram",
                "7  | PACKAGED, turn off postcopy-ram",
                "8  | ENABLE_COLO, turn off x-colo",
                "9  | POSTCOPY_RESUME, turn off postcopy-ram",
                "10 | RECV_BITMAP, turn off postcopy-ram",
                "99 | unknown"
            })
    void shouldNameCommandWhenItIsNotOfAPrecopyMigration(int command, String name) throws Exception {
        byte[] bytes = new StreamBytes().u8(8).u16(command).u16(0).toBytes();
        assertEquals(
                "command must be one of a precopy migration: command=" + command + " (" + name + ")",
                refusal(new Source().insert(MAIN, SETUP_SECTION, bytes), nothing -> {}));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "block                                 | , turn off block",
                "0000:00:04.0/vfio                     | , unplug vfio devices",
                "nobody's/state                        | ''"
            })
    void shouldNameSectionWhenItCannotBeRead(String section, String advice) throws Exception {
        byte[] bytes =
                new StreamBytes().u8(1).u32(9).name(section).u32(7).u32(1).toBytes();
        assertEquals(
                "section before the end of RAM must be one that can be read here" + advice + ": section=" + section
                        + " instance=7 type=0x1",
                refusal(new Source().insert(MAIN, SETUP_SECTION, bytes), nothing -> {}));
    }

    @Test
    void shouldRefuseGuestWithoutItsSharedRamWhenNobodySaidThatItMay() throws Exception {
        assertEquals(
                "x-ignore-shared must be alike on both ends, with it the RAM of shared blocks does not come:"
                        + " source=on here=off",
                refusal(ignoringShared(), nothing -> {}));
    }

    @Test
    void shouldRefuseGuestWithAllOfItsRamWhenSharedRamWasToStay() throws Exception {
        assertEquals(
                "x-ignore-shared must be alike on both ends, with it the RAM of shared blocks does not come:"
                        + " source=off here=on",
                refusal(new Source(), parameters -> parameters.enable(MigrationCapability.X_IGNORE_SHARED)));
    }

    @Test
    void shouldRefuseGuestWhenItsMainStreamIsOfAnother() throws Exception {
        UUID other = UUID.fromString("00000000-0000-0000-0000-000000000001");
        byte[] subsection = new StreamBytes()
                .u8(5)
                .name("configuration/uuid")
                .u32(1)
                .u64(other.getMostSignificantBits())
                .u64(other.getLeastSignificantBits())
                .toBytes();
        assertEquals(
                "main channel must be of the same guest as the others: uuid=" + other + " expected=" + Source.GUEST,
                refusal(new Source().insert(MAIN, SETUP_SECTION, subsection), nothing -> {}));
    }

    @Test
    void shouldAskForThePageSizeWhenPacketsAreOfPagesOfAnother() throws Exception {
        assertEquals(
                "packet's pages_alloc must be that of the guest's page size, set page-size where it is another:"
                        + " channel=0 pages_alloc=64 expected=128 pageSize=4096",
                refusal(new Source().withU32(CHANNEL_0, DATA_PACKET + PAGES_ALLOC_FIELD_OFFSET, 64), nothing -> {}));
    }

    @Test
    void shouldRefusePageSizeThatIsSetWhenTheSourceSaysAnother() throws Exception {
        byte[] subsection = new StreamBytes()
                .u8(5)
                .name("configuration/target-page-bits")
                .u32(1)
                .u32(12)
                .toBytes();
        assertEquals(
                "page size must be the one that the source says, do not set it: page-size=8192 said=4096",
                refusal(new Source().insert(MAIN, SETUP_SECTION, subsection), parameters -> parameters.pageSize(8192)));
    }

    private static Source ignoringShared() {
        byte[] subsection = new StreamBytes()
                .u8(5)
                .name("configuration/capabilities")
                .u32(1)
                .u32(1)
                .name("x-ignore-shared")
                .toBytes();
        return new Source().insert(MAIN, CONFIGURATION + 5 + MACHINE.length(), subsection);
    }

    private String refusal(Source source, Consumer<MigrationParameters.Builder> settings) throws Exception {
        try (Intake intake = Intake.start(folder, settings);
                Peer peer = new Peer()) {
            for (byte[] connection : source.connections) {
                peer.send(intake.uri(), connection, Peer.Then.CLOSE);
            }
            String line = intake.awaitFailure();
            peer.awaitClosed();
            return line;
        }
    }
}
