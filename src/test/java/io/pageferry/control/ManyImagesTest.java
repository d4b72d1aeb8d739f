package io.pageferry.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationParameters;
import io.pageferry.control.http.HttpEndpoint;
import io.pageferry.control.http.HttpSettings;
import io.pageferry.control.http.HttpView;
import io.pageferry.control.qmp.QmpSettings;
import io.pageferry.server.ServersStore;
import io.pageferry.server.StoreHost;
import io.pageferry.testing.GoldenImage;
import io.pageferry.testing.LeakFree;
import io.pageferry.testing.QmpFixture;
import io.pageferry.testing.QmpLines;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A store with more images than one answer used to hold, seen over QMP and HTTP. */
@LeakFree
@Timeout(180)
class ManyImagesTest {
    private static final int IMAGES = 20_001;
    private static final int PAGE = 3_000;
    private static final DateTimeFormatter HHMMSS = DateTimeFormatter.ofPattern("HHmmss");
    private static final String GUEST = "00112233-4455-6677-8899-aabbccddeeff";

    @TempDir
    Path folder;

    private final List<String> names = new ArrayList<>();
    private QmpFixture house;

    /** One image by many names. */
    @BeforeEach
    void openHouse() throws IOException {
        Path guest = Files.createDirectories(folder.resolve("store").resolve(GUEST));
        Path first = GoldenImage.write(guest.resolve(file(0)));
        names.add(GUEST + "/" + file(0));
        for (int i = 1; i < IMAGES; i++) {
            Files.createLink(guest.resolve(file(i)), first);
            names.add(GUEST + "/" + file(i));
        }
        house = QmpFixture.open(
                folder,
                QmpSettings.of(List.of("unix:" + folder.resolve("qmp")), Optional.empty(), false)
                        .withWriteTimeout(Duration.ofMillis(500)));
    }

    private static String file(int number) {
        return "20260101T%s.000Z.img".formatted(LocalTime.ofSecondOfDay(number).format(HHMMSS));
    }

    @AfterEach
    void closeHouse() {
        house.close();
    }

    @Test
    void shouldTellOfAllOverQmpInOneAnswerOrPageByPageAndGoOn() throws Exception {
        try (QmpLines client = QmpLines.negotiated(house.monitor())) {
            List<String> all = new ArrayList<>();
            client.obey("x-query-images", "{}")
                    .forEach(image -> all.add(image.path("image").asString()));
            assertEquals(names, all);
            List<String> paged = new ArrayList<>();
            String after = "";
            while (paged.size() < IMAGES) {
                JsonNode page =
                        client.obey("x-query-images", "{\"limit\": " + PAGE + ", \"after\": \"" + after + "\"}");
                assertEquals(Math.min(PAGE, IMAGES - paged.size()), page.size());
                page.forEach(image -> paged.add(image.path("image").asString()));
                after = paged.getLast();
            }
            assertEquals(names, paged);
            assertTrue(client.execute("x-query-images", "{\"limit\": 0}").has("error"));
        }
    }

    @Test
    void shouldTellOfAllOverHttpInOneAnswerOrPageByPage() throws Exception {
        HttpView view = new HttpView(
                house.migrations(),
                new StoreHost(house.server(), MigrationParameters.builder().build()).images(),
                new ServersStore(house.server().store()),
                house.server().refusalCounters(),
                house.server().refusalHistory());
        HttpSettings settings =
                HttpSettings.of(HttpSettings.parseAddress("127.0.0.1:0"), Optional.empty(), Optional.empty());
        try (HttpEndpoint http = HttpEndpoint.start(settings, view);
                HttpClient client = HttpClient.newHttpClient()) {
            assertEquals(names, get(client, http, ""));
            List<String> paged = new ArrayList<>();
            String after = "";
            while (paged.size() < IMAGES) {
                paged.addAll(get(client, http, "?limit=" + PAGE + "&after=" + after));
                after = URLEncoder.encode(paged.getLast(), StandardCharsets.UTF_8);
            }
            assertEquals(names, paged);
        }
    }

    private static List<String> get(HttpClient client, HttpEndpoint http, String query) throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(http.uri().resolve("api/images" + query)).build();
        List<String> names = new ArrayList<>();
        JsonMapper.shared()
                .readTree(client.send(request, BodyHandlers.ofString()).body())
                .forEach(image -> names.add(image.path("name").asString()));
        return names;
    }

    @Test
    void shouldCloseAClientThatDoesNotTakeItsAnswerAndHarmNoOther() throws Exception {
        try (QmpLines.Deaf deaf = QmpLines.deaf(house.monitor());
                QmpLines other = QmpLines.negotiated(house.monitor())) {
            deaf.send("{\"execute\": \"qmp_capabilities\"}");
            deaf.sendUntilClosed("{\"execute\": \"x-query-images\"}\n", 256 << 20);
            assertEquals(IMAGES, other.obey("x-query-images", "{}").size());
        }
    }
}
