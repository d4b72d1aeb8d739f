package io.pageferry.control.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pageferry.history.Refusal;
import io.pageferry.session.MigrationStatus;
import io.pageferry.session.registry.MigrationEntry;
import io.pageferry.testing.Browser;
import io.pageferry.testing.Eventually;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The page in a real browser, while guests migrate. */
@Timeout(180)
class PageTest {
    private static final long RAM = 64 << 20;
    private static final int MAX_PAGE_BYTES = 50 << 10;

    @TempDir
    Path folder;

    private Browser browser;

    @BeforeEach
    void startBrowser() throws IOException {
        if (!Browser.isRequired()) {
            assumeTrue(
                    Browser.find().isPresent(),
                    "chromium must be there for the page to be tested: " + Browser.REQUIRE_VARIABLE
                            + "=1 makes that a failure");
        }
        browser = Browser.start(folder);
        browser.resize(1280, 900, false);
    }

    @AfterEach
    void closeBrowser() {
        if (browser != null) {
            browser.close();
        }
    }

    @Test
    void shouldRemoveAnImageAndCancelAMigrationAfterAQuestion() throws Exception {
        try (HttpFixture house = HttpFixture.openWithToken()) {
            MigrationEntry source = house.migrate(RAM, 40 << 20, 20 << 20);
            browser.open(URI.create(house.endpoint.uri() + "#token=" + HttpFixture.SECRET));
            awaitText(HttpFixture.IMAGE.name());
            browser.evaluate("window.confirm = question => { window.asked = question; return false; }");
            press("Remove");
            assertEquals(
                    "Remove image " + HttpFixture.IMAGE.name() + " for good?",
                    browser.evaluate("window.asked").asString());
            press("Cancel");
            assertEquals(List.of(), house.store.removed);
            browser.evaluate("window.confirm = () => true");
            press("Remove");
            Eventually.until("its removal", () -> house.store.removed.equals(List.of(HttpFixture.IMAGE.name())));
            press("Cancel");
            awaitText("cancelled");
            house.awaitEnd();
            assertEquals(MigrationStatus.CANCELLED, source.progress().status());
        }
    }

    private void press(String button) {
        browser.evaluate("[...document.querySelectorAll('button')].find(b => b.textContent === '" + button
                + "' && !b.hidden)" + ".click()");
    }

    @Test
    void shouldShowWhoWasRefusedAsTextOnly() throws Exception {
        try (HttpFixture house = HttpFixture.open()) {
            house.refused.add(new Refusal(
                    Instant.parse("2026-01-02T12:00:00Z"),
                    "10.0.0.7:4444",
                    Optional.of(HttpFixture.GUEST),
                    "gathering",
                    "guest refused: <img src=x onerror=document.title='broken'>"));
            browser.open(house.endpoint.uri());
            awaitText("<img src=x");
            String text = browser.text();
            assertTrue(text.contains("10.0.0.7:4444") && text.contains(HttpFixture.GUEST.toString()), text);
            keepScreenshots("refused");
        }
    }

    @Test
    void shouldShowAMigrationLiveAndHowItEnded() throws Exception {
        try (HttpFixture house = HttpFixture.open()) {
            browser.open(house.endpoint.uri());
            awaitText("None so far.");
            MigrationEntry source = house.migrate(RAM, 40 << 20, 20 << 20);
            awaitText("dirty pages left");
            awaitText("will not converge");
            awaitText("live");
            openCards();
            awaitRateOfAChannel();
            awaitText("Packet write p50");
            keepScreenshots("running");
            source.cancel();
            house.awaitEnd();
            awaitText("cancelled");
            house.migrate(RAM, 0, 0);
            house.awaitEnd();
            awaitText("completed");
            assertTrue(browser.text().contains(HttpFixture.IMAGE.name()));
            keepScreenshots("ended");
        }
    }

    @Test
    void shouldNotBeWiderThanAPhone() throws Exception {
        try (HttpFixture house = HttpFixture.open()) {
            browser.resize(360, 740, true);
            house.migrate(RAM, 0, 0);
            house.awaitEnd();
            browser.open(house.endpoint.uri());
            awaitText("completed");
            openCards();
            awaitText("Packet write p50");
            assertEquals(
                    360,
                    browser.evaluate("document.documentElement.scrollWidth").asInt());
        }
    }

    @Test
    void shouldShowImagesByGuestAndThoseThatAreLookedFor() throws Exception {
        try (HttpFixture house = HttpFixture.open(20_001)) {
            browser.open(house.endpoint.uri());
            awaitText("web · " + HttpFixture.GUEST);
            lookFor("-12345");
            awaitText(HttpFixture.IMAGE.name() + "-12345");
            assertEquals(
                    1,
                    browser.evaluate("document.querySelectorAll('#images tbody tr:not(.guest)').length")
                            .asInt());
            lookFor("WEB");
            awaitText("-00001");
            lookFor("nothing has this");
            awaitText("None that fits.");
            lookFor("");
            awaitText("The newest 200 of 20,001 are shown");
            keepScreenshots("by-guest");
        }
    }

    private void lookFor(String text) {
        browser.evaluate("(() => { const f = document.getElementById('filter'); f.value = '" + text
                + "'; f.dispatchEvent(new Event('input')); })()");
    }

    @Test
    void shouldSayHowManyImagesItDoesNotShow() throws Exception {
        try (HttpFixture house = HttpFixture.open(20_001)) {
            browser.open(house.endpoint.uri());
            awaitText("The newest 200 of 20,001 are shown");
            awaitText("20,001 images");
            assertEquals(
                    HttpView.MAX_IMAGES,
                    browser.evaluate("document.querySelectorAll('#images tbody tr:not(.guest)').length")
                            .asInt());
            browser.evaluate("document.getElementById('more-images').scrollIntoView()");
            keepScreenshots("many-images");
        }
    }

    @Test
    void shouldAskForTheTokenAndKeepItOutOfTheAddress() throws Exception {
        try (HttpFixture house = HttpFixture.openWithToken()) {
            browser.open(house.endpoint.uri());
            awaitText("token needed");
            assertFalse(browser.text().contains(HttpFixture.IMAGE.name()));
            enter("not-the-token-at-all");
            awaitText("This is not the token.");
            enter(HttpFixture.SECRET);
            awaitText(HttpFixture.IMAGE.name());
            assertEquals(
                    house.endpoint.uri(),
                    URI.create(browser.evaluate("location.href").asString()));
        }
    }

    @Test
    void shouldFindTheServerAgainWhenItWasAway() throws Exception {
        URI uri;
        try (HttpFixture house = HttpFixture.open()) {
            uri = house.endpoint.uri();
            browser.open(uri);
            awaitText("live");
        }
        awaitText("server away");
        try (HttpFixture _ = HttpFixture.open(settings -> settings.withPort(uri.getPort()))) {
            awaitText("live");
        }
    }

    @Test
    void shouldBeLight() throws IOException {
        long bytes = 0;
        try (var files = Files.list(Path.of("src/main/resources/io/pageferry/control/http"))) {
            for (Path file : files.toList()) {
                bytes += Files.size(file);
            }
        }
        assertTrue(bytes > 0 && bytes < MAX_PAGE_BYTES, "bytes=" + bytes);
    }

    private void enter(String token) {
        browser.evaluate("document.getElementById('token').value = '" + token
                + "'; document.querySelector('#login button').click()");
    }

    private void openCards() {
        browser.evaluate("document.querySelectorAll('details').forEach(card => card.open = true)");
    }

    private void awaitRateOfAChannel() {
        Eventually.until(
                "a channel's rate",
                () -> browser.evaluate("[...document.querySelectorAll('.channel span:nth-child(3)')].some(e => /[1-9].*"
                                + " [KM]iB\\/s/.test(e.textContent))")
                        .asBoolean());
    }

    private void awaitText(String text) {
        Eventually.until(text, () -> browser.text().contains(text));
    }

    /** For people to look at, where they say with {@code -Dpageferry.screenshots=DIR}. */
    private void keepScreenshots(String name) throws IOException {
        String where = System.getProperty("pageferry.screenshots");
        if (where == null) {
            return;
        }
        for (String scheme : new String[] {"light", "dark"}) {
            browser.prefer(scheme);
            browser.resize(1280, 900, false);
            Files.write(Path.of(where, name + "-desktop-" + scheme + ".png"), browser.screenshot());
            browser.resize(390, 844, true);
            Files.write(Path.of(where, name + "-phone-" + scheme + ".png"), browser.screenshot());
        }
        browser.resize(1280, 900, false);
    }
}
