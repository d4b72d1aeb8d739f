package io.pageferry.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.image.Image;
import io.pageferry.server.Server;
import io.pageferry.server.ServerSettings;
import io.pageferry.session.MigrationStatus;
import io.pageferry.session.registry.MigrationEntry;
import io.pageferry.session.registry.Migrations;
import io.pageferry.store.ImageStore;
import io.pageferry.store.Retention;
import io.pageferry.store.StoredImage;
import io.pageferry.store.folder.FolderStore;
import io.pageferry.testing.Eventually;
import io.pageferry.testing.LeakFree;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Very many guests at one port, at the same time, and what some of them do wrong is nothing to the others. */
@LeakFree
@Timeout(120)
class ManyGuestsTest {
    private static final int GUESTS = 200;
    private static final int CHANNEL_0 = 1;

    /** Longer than an honest source may have to wait for its turn on a busy machine. */
    private static final Duration STALL = Duration.ofSeconds(12);

    @TempDir
    Path folder;

    private ImageStore store;
    private Migrations migrations;
    private Server server;

    @BeforeEach
    void serve() throws IOException {
        MigrationParameters parameters = MigrationParameters.builder()
                .multifdChannels(Source.CHANNELS)
                .maxRam(1 << 20)
                .stallTimeout(STALL)
                .build();
        store = FolderStore.open(folder, Retention.ALL, 0, Clock.systemUTC());
        migrations = new Migrations(2 * GUESTS, 2 * GUESTS); // all of them are of one host
        server = Server.start(
                new ServerSettings(
                        List.of(new MigrationUri.Tcp("127.0.0.1", 0)), false, parameters, 8 * GUESTS, 0, Map.of()),
                store,
                migrations);
    }

    @AfterEach
    void close() {
        server.close();
        migrations.close();
        store.close();
    }

    /** What a guest's source does wrong; it does so while all others are under way. */
    private enum Fault {
        LIES {
            @Override
            void begin(GuestSources crowd, Source source) throws IOException {
                crowd.begin(source.withU32(CHANNEL_0, Source.LAST_SYNC_PACKET, 0));
            }
        },
        IS_TOO_LARGE {
            @Override
            void begin(GuestSources crowd, Source source) throws IOException {
                crowd.begin(source.withU64(0, GuestSources.shifted(Source.MEM_SIZE_RECORD), 1L << 40 | 0x04)
                        .withU64(0, GuestSources.shifted(Source.FIRST_BLOCK) + 7, 1L << 40));
            }
        },
        CLOSES_INSIDE_A_PAGE {
            @Override
            void begin(GuestSources crowd, Source source) throws IOException {
                crowd.begin(source.cut(CHANNEL_0, Source.PAGE_DATA + 100));
            }
        },
        RESETS {
            @Override
            void begin(GuestSources crowd, Source source) throws IOException {
                stopInsideAPage(crowd, source, Peer.Then.RESET);
            }
        },
        FALLS_SILENT_INSIDE_A_PAGE {
            @Override
            void begin(GuestSources crowd, Source source) throws IOException {
                stopInsideAPage(crowd, source, Peer.Then.SILENCE);
            }
        },
        LACKS_A_CHANNEL {
            @Override
            void begin(GuestSources crowd, Source source) throws IOException {
                crowd.send(source.main(), source.main().length, Peer.Then.SILENCE);
                crowd.send(source.channel0(), source.channel0().length, Peer.Then.SILENCE);
            }
        },
        HAS_A_CHANNEL_TWICE {
            @Override
            void begin(GuestSources crowd, Source source) throws IOException {
                crowd.begin(source.replace(CHANNEL_0 + 1, source.channel0()));
            }
        },
        SAYS_NOTHING {
            @Override
            void begin(GuestSources crowd, Source source) throws IOException {
                crowd.send(new byte[0], 0, Peer.Then.SILENCE);
            }
        },
        IS_SOMEBODY_ELSE {
            @Override
            void begin(GuestSources crowd, Source source) throws IOException {
                byte[] request = "GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
                crowd.send(request, request.length, Peer.Then.CLOSE);
            }
        };

        abstract void begin(GuestSources crowd, Source source) throws IOException;

        static void stopInsideAPage(GuestSources crowd, Source source, Peer.Then then) throws IOException {
            crowd.send(source.main(), source.main().length, Peer.Then.CLOSE);
            byte[] second = source.connections.get(CHANNEL_0 + 1);
            crowd.send(second, second.length, Peer.Then.CLOSE);
            crowd.send(source.channel0(), Source.PAGE_DATA + 100, then);
        }
    }

    private static boolean isGood(int guest) {
        return guest % 3 != 0;
    }

    @Test
    void shouldTakeTwoHundredGuestsAtOnceWhenAThirdOfThemFail() throws Exception {
        try (GuestSources crowd = new GuestSources(server.uris().getFirst())) {
            Fault[] faults = Fault.values();
            for (int guest = 0; guest < GUESTS; guest++) {
                if (isGood(guest)) {
                    crowd.begin(GuestSources.source(guest));
                } else {
                    faults[guest / 3 % faults.length].begin(crowd, GuestSources.source(guest));
                }
            }
            List<Integer> good = IntStream.range(0, GUESTS)
                    .filter(ManyGuestsTest::isGood)
                    .boxed()
                    .toList();
            Eventually.until("all good guests at once", () -> running(good) == good.size());
            crowd.release();
            crowd.awaitClosed();
            assertTrue(migrations.awaitNone(STALL));
            requireExactly(good);
            assertEquals(0, server.waitingConnections());
        }
    }

    private long running(List<Integer> guests) {
        Set<UUID> uuids = guests.stream().map(GuestSources::uuid).collect(Collectors.toSet());
        return migrations.list().stream()
                .filter(entry -> entry.outcome().isEmpty())
                .filter(entry -> uuids.contains(entry.subject().guest().orElseThrow()))
                .count();
    }

    /** Each has its image, with its own pages, and there is nothing else. */
    private void requireExactly(List<Integer> guests) throws IOException {
        List<UUID> completed = migrations.list().stream()
                .filter(entry -> entry.outcome().orElseThrow().status() == MigrationStatus.COMPLETED)
                .map(entry -> entry.subject().guest().orElseThrow())
                .sorted()
                .toList();
        assertEquals(guests.stream().map(GuestSources::uuid).sorted().toList(), completed);
        for (MigrationEntry entry : migrations.list()) {
            entry.outcome().orElseThrow().failure().ifPresent(failure -> {
                if (!(failure instanceof IOException)) {
                    throw new AssertionError("a peer must not cause a fault of ours", failure);
                }
            });
        }
        assertEquals(guests.size(), store.list().size());
        for (int guest : guests) {
            requirePages(guest);
        }
        try (Stream<Path> files = Files.walk(folder)) {
            assertEquals(
                    List.of(),
                    files.filter(file -> file.toString().endsWith(".part")).toList());
        }
    }

    private void requirePages(int guest) throws IOException {
        StoredImage stored = store.list().stream()
                .filter(image -> image.guest().equals(Optional.of(GuestSources.uuid(guest))))
                .findFirst()
                .orElseThrow();
        try (Image image = Image.open(Path.of(stored.location()), 0, 1 << 20, false)) {
            assertEquals(4, image.present(image.layout().block(0)).count());
            assertEquals(
                    Optional.of(GuestSources.uuid(guest)), image.configuration().uuid());
        }
        byte[] file = Files.readAllBytes(Path.of(stored.location()));
        for (int page = 0; page < 4; page++) {
            byte[] expected = new byte[Source.PAGE];
            Arrays.fill(expected, GuestSources.contentOf(guest, page));
            int position = (1 << 20) + page * Source.PAGE;
            assertEquals(
                    -1,
                    Arrays.mismatch(expected, Arrays.copyOfRange(file, position, position + Source.PAGE)),
                    "guest=" + guest + " page=" + page);
        }
    }
}
