package io.pageferry.qemu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.config.MigrationCapability;
import io.pageferry.config.MigrationParameters;
import io.pageferry.config.PostcopySettings;
import io.pageferry.config.TlsSettings;
import io.pageferry.session.MigrationStatus;
import io.pageferry.testing.Eventually;
import io.pageferry.testing.LeakFree;
import io.pageferry.testing.PageferryProcess;
import io.pageferry.testing.Slow;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/**
 * A guest runs at a QEMU before its pages are there. Its RAM is a memory file, of which nobody may look at a page
 * before it has come: a look makes it.
 */
@RealQemu
@LeakFree
@Timeout(120)
class PostcopyIT {
    private static final DirtyingGuest GUEST = DirtyingGuest.counting();

    private static final int BREAKS = 4;

    @TempDir
    static Path shared;

    private static TlsFolders tls;

    @TempDir
    Path folder;

    @BeforeAll
    static void makeCredentials() throws Exception {
        tls = TlsFolders.create(shared);
    }

    @ParameterizedTest
    @EachQemu
    void shouldRunBeforeItsPagesAreThere(QemuVersion version) throws Exception {
        Path image = image(version);
        try (Qemu qemu = destination(version).start();
                Replay replay =
                        Replay.startPostcopy(image, listen(qemu), parameters().build())) {
            replay.awaitCompleted();
            qemu.awaitMigration("completed");
            requireRuns(qemu);
            assertTrue(replay.progress().stats().postcopyRequests.sum() > 0, "it has asked for pages");
        }
    }

    /** Nothing runs there that could change a page: what has come is compared with what was kept. */
    @ParameterizedTest
    @EachQemu
    @Slow
    void shouldHaveTheImagesRamWhenDestinationIsPaused(QemuVersion version) throws Exception {
        Path image = image(version);
        try (Qemu qemu = destination(version).paused().start()) {
            send(image, qemu);
            assertEquals("paused", qemu.runState());
            requireRamOf(image, qemu);
            requireRuns(qemu);
        }
    }

    @Test
    void shouldRunUnderTlsWithCertificates() throws Exception {
        QemuVersion version = QemuVersion.V11_1;
        Path image = image(version);
        Qemu.Builder builder = TlsQemus.x509(destination(version), tls.defaultHost(), "server", ",verify-peer=on");
        sendUnderTls(image, builder, tls.defaultHost());
    }

    @ParameterizedTest
    @EnumSource(
            value = QemuVersion.class,
            names = {"V7_2", "V10_0"})
    @Slow
    void shouldRunUnderTlsWithKeys(QemuVersion version) throws Exception {
        Path image = image(version);
        sendUnderTls(image, TlsQemus.psk(destination(version), tls.psk(), "server", ""), tls.psk());
    }

    private void sendUnderTls(Path image, Qemu.Builder builder, Path credentials) throws Exception {
        try (Qemu qemu = TlsQemus.start(builder);
                Replay replay = Replay.startPostcopy(
                        image,
                        listen(qemu),
                        parameters().tls(TlsSettings.of(credentials)).build())) {
            replay.awaitCompleted();
            qemu.awaitMigration("completed");
            requireRuns(qemu);
        }
    }

    @ParameterizedTest
    @EachQemu
    void shouldRunWithAChannelForWhatItWaitsFor(QemuVersion version) throws Exception {
        Path image = image(version);
        try (Qemu qemu = destination(version).start().enable("postcopy-ram", "postcopy-preempt")) {
            PostcopySettings preempt = PostcopySettings.DEFAULTS.withPreempt(true);
            try (Replay replay =
                    Replay.startPostcopy(image, listen(qemu), parameters().build(), preempt)) {
                replay.awaitCompleted();
            }
            qemu.awaitMigration("completed");
            requireRuns(qemu);
        }
    }

    /** The command is there first, and its guest's pages are pushed so slowly that it runs on what it asks for. */
    @Test
    void shouldWaitForWhoDoesNotListenYetWhenTheCommandSaysSo() throws Exception {
        QemuVersion version = QemuVersion.V10_0;
        Path image = image(version);
        String uri = "unix:" + folder.resolve("socket");
        try (Qemu qemu = destination(version).start();
                PageferryProcess send = PageferryProcess.in(folder)
                        .start("send", "--postcopy", "--wait", "60s", "--max-bandwidth", "8M", image, uri, "--json")) {
            Eventually.until("start of " + send.process(), () -> send.process().isAlive());
            qemu.enable("postcopy-ram").migrateIncoming(uri);
            qemu.awaitRunState("running");
            assertEquals("active", qemu.queryMigrate().path("status").asString().replace("postcopy-", ""));
            JsonNode sent = send.awaitEnd().completed().json();
            assertEquals("completed", sent.path("status").asString());
            assertTrue(sent.path("ram").path("postcopy-requests").asLong() > 0, sent.toString());
            assertTrue(sent.path("ram").path("postcopy-bytes").asLong() > 0, sent.toString());
            qemu.awaitMigration("completed");
            requireRuns(qemu);
        }
    }

    /** One that has all that it needs in its socket, and is killed before it has looked at it. */
    @Test
    void shouldSayThatItCannotBeKnownWhenDestinationDiesBeforeItHasRun() throws Exception {
        Path image = image(QemuVersion.V10_0);
        try (Qemu qemu = destination(QemuVersion.V10_0).start()) {
            String uri = listen(qemu);
            qemu.signal("STOP");
            try (Replay replay = Replay.startPostcopy(image, uri, parameters().build())) {
                Eventually.until("package", () -> replay.progress().status() == MigrationStatus.DEVICE);
                qemu.kill();
                String line = replay.awaitFailed();
                assertTrue(line.startsWith("destination must answer before it closes"), line);
                assertTrue(line.contains(" handed-over=\"cannot be known: "), line);
            }
        }
    }

    @ParameterizedTest
    @EachQemu
    @Slow
    void shouldSayThatTheGuestWaitsWhenItsSourceGivesUp(QemuVersion version) throws Exception {
        Path image = image(version);
        try (Qemu qemu = destination(version).start();
                Replay replay = Replay.startPostcopy(
                        image, listen(qemu), parameters().maxBandwidth(1 << 20).build())) {
            qemu.awaitRunState("running");
            Eventually.until("postcopy-active", () -> replay.progress().status() == MigrationStatus.POSTCOPY_ACTIVE);
            String line = replay.stop(Stop.YANK).failure().orElseThrow().getMessage();
            assertTrue(line.contains(" handed-over=\"in part: "), line);
            qemu.awaitMigration("postcopy-paused");
        }
    }

    /** The first time it is slow, so that much is asked for; what is asked for is there first the second time. */
    @Test
    void shouldAskForLittleWhenItsWorkingSetIsKnown() throws Exception {
        Path image = image(QemuVersion.V10_0);
        long first = requests(image, parameters().maxBandwidth(32 << 20).build());
        assertTrue(Files.exists(workingSet(image)));
        long second = requests(image, parameters().build());
        assertTrue(second < first / 2, first + " requests, then " + second);
    }

    /** Nobody's fault, as where an image is another one's, in a folder that may only be read. */
    @Test
    @Slow
    void shouldRunWhereItsWorkingSetCanBeNeitherReadNorKept() throws Exception {
        Path image = image(QemuVersion.V10_0);
        Files.createDirectory(workingSet(image));
        assertTrue(requests(image, parameters().build()) > 0);
    }

    private static Path workingSet(Path image) {
        return image.resolveSibling(image.getFileName() + ".ws");
    }

    private long requests(Path image, MigrationParameters parameters) throws Exception {
        try (Qemu qemu = destination(QemuVersion.V10_0).start();
                Replay replay = Replay.startPostcopy(image, listen(qemu), parameters)) {
            replay.awaitCompleted();
            qemu.awaitMigration("completed");
            requireRuns(qemu);
            return replay.progress().stats().postcopyRequests.sum();
        }
    }

    /** An image of a store, by its guest's uuid; nobody removes it meanwhile. */
    @Test
    void shouldKeepTheStoresImageAsLongAsItsPagesFollow() throws Exception {
        String uuid = "2f9b7b62-58d5-4a55-8f0f-3b1a3f2d9e22";
        Path store = folder.resolve("store");
        try (Qemu source = Qemu.of(QemuVersion.V10_0, folder)
                        .guest(GUEST)
                        .with("-uuid", uuid)
                        .start();
                PageferryProcess receive =
                        PageferryProcess.in(folder).start("receive", "--store", store, "tcp:127.0.0.1:0")) {
            GUEST.awaitRunning(source);
            source.enable("multifd", "return-path", "validate-uuid").set("multifd-channels", 2);
            source.migrate(receive.awaitListening());
            receive.awaitEnd().completed();
        }
        try (Qemu qemu = destination(QemuVersion.V10_0).with("-uuid", uuid).start();
                PageferryProcess send = PageferryProcess.in(folder)
                        .start("send", "--postcopy", "--max-bandwidth", "4M", "--store", store, uuid, listen(qemu))) {
            qemu.awaitRunState("running");
            String refusal = PageferryProcess.in(folder)
                    .run("remove", "--store", store, "--yes", uuid)
                    .failed(1);
            assertTrue(refusal.contains("pageferry: remove: "), refusal);
            send.awaitEnd().completed();
            qemu.awaitMigration("completed");
            requireRuns(qemu);
        }
        PageferryProcess.in(folder)
                .run("remove", "--store", store, "--yes", uuid)
                .completed();
    }

    /** Another process goes on, and nobody but the destination knows what the first one's last bytes were. */
    @ParameterizedTest
    @EachQemu
    void shouldGoOnInAnotherProcessWhenTheFirstIsKilled(QemuVersion version) throws Exception {
        Path image = image(version);
        try (Qemu qemu = destination(version).paused().start()) {
            String uri = listen(qemu);
            try (PageferryProcess send =
                    PageferryProcess.in(folder).start("send", "--postcopy", "--max-bandwidth", "8M", image, uri)) {
                qemu.awaitRunState("paused"); // and not inmigrate: a break from now on is not the guest's end
                send.signal("KILL");
                send.process().awaitExit();
            }
            qemu.awaitMigration("postcopy-paused");
            recover(qemu, uri);
            PageferryProcess.in(folder)
                    .run("send", "--postcopy", "--resume", image, uri)
                    .completed();
            qemu.awaitMigration("completed");
            requireRamOf(image, qemu);
            requireRuns(qemu);
        }
    }

    /** Again and again, wherever it breaks, with a guest that runs meanwhile and one that does not. */
    @ParameterizedTest(name = "QEMU {0}, paused {1}, preempt {2}")
    @CsvSource({
        "7.2, false, false",
        "7.2, true, false",
        "7.2, false, true",
        "10.0, false, false",
        "10.0, true, true",
        "10.0, false, true",
        "11.1, false, false",
        "11.1, true, false",
        "11.1, false, true"
    })
    @Slow
    void shouldGoOnByItselfWhereverItBreaks(String number, boolean paused, boolean preempt) throws Exception {
        QemuVersion version = QemuVersion.of(number);
        Path image = image(version);
        Qemu.Builder builder = destination(version);
        Random random = new Random(number.hashCode());
        try (Qemu qemu = (paused ? builder.paused() : builder).start();
                BreakingLink link = BreakingLink.start()) {
            qemu.enable("postcopy-ram");
            if (preempt) {
                qemu.enable("postcopy-preempt");
            }
            Path socket = folder.resolve("socket");
            qemu.migrateIncoming("unix:" + socket);
            link.to(socket);
            PostcopySettings settings =
                    PostcopySettings.DEFAULTS.withPreempt(preempt).retryingFor(Duration.ofSeconds(30));
            try (Replay replay = Replay.startPostcopy(
                    image, link.uri(), parameters().maxBandwidth(8 << 20).build(), settings)) {
                for (int i = 0; i < BREAKS; i++) {
                    awaitStatus(replay, MigrationStatus.POSTCOPY_ACTIVE);
                    long enough = replay.progress().stats().transferredBytes() + random.nextInt(1 << 20);
                    Eventually.until(
                            "bytes on their way",
                            () -> replay.progress().stats().transferredBytes() >= enough);
                    link.breakAll();
                    qemu.awaitMigration("postcopy-paused");
                    awaitStatus(replay, MigrationStatus.POSTCOPY_PAUSED);
                    socket = folder.resolve("socket" + i);
                    recover(qemu, "unix:" + socket);
                    link.to(socket);
                }
                replay.awaitCompleted();
            }
            qemu.awaitMigration("completed");
            if (paused) {
                requireRamOf(image, qemu);
            }
            requireRuns(qemu);
        }
    }

    private static void recover(Qemu qemu, String uri) {
        qemu.qmp().execute("migrate-recover", Map.of("uri", uri));
    }

    private static void awaitStatus(Replay replay, MigrationStatus status) {
        Eventually.until(status.qemuName(), () -> replay.progress().status() == status);
    }

    @ParameterizedTest
    @EachQemu
    @Slow
    void shouldFailWhenDestinationHasNoSuchCapability(QemuVersion version) throws Exception {
        Path image = image(version);
        try (Qemu qemu = destination(version).start();
                Replay replay = Replay.startPostcopy(
                        image,
                        qemu.migrateIncoming("tcp:127.0.0.1:0"),
                        parameters().build())) {
            String line = replay.awaitFailed();
            assertTrue(line.startsWith("destination must "), line);
        }
    }

    @ParameterizedTest(name = "QEMU {0}, {1}")
    @CsvSource({"7.2, pc", "10.0, q35", "11.1, q35"})
    @Slow
    @Timeout(240)
    void shouldKeepALinuxSound(String number, String machine) throws Exception {
        LinuxGuest linux = new LinuxGuest();
        QemuVersion version = QemuVersion.of(number);
        Path image = folder.resolve("linux.image");
        String before;
        try (Qemu source = linux(version, machine, linux).start()) {
            linux.awaitRunning(source);
            source.stop();
            Reception.take(source, image, MigrationParameters.defaults());
            before = source.serial().text();
        }
        try (Qemu qemu = linux(version, machine, linux).incoming().start()) {
            send(image, qemu);
            linux.awaitPass(qemu, linux.passes(before) + 3);
            linux.requireSound(before + qemu.serial().text());
        }
    }

    private Qemu.Builder linux(QemuVersion version, String machine, LinuxGuest linux) {
        return Qemu.of(version, folder)
                .machine(machine)
                .memory(LinuxGuest.MEMORY_BYTES)
                .guest(linux);
    }

    private Path image(QemuVersion version) throws Exception {
        Path image = folder.resolve("image");
        try (Qemu source = Qemu.of(version, folder).guest(GUEST).start()) {
            GUEST.awaitRunning(source);
            Reception.take(source, image, MigrationParameters.defaults());
        }
        return image;
    }

    private Qemu.Builder destination(QemuVersion version) {
        return Qemu.of(version, folder).guest(GUEST).incoming();
    }

    private static String listen(Qemu qemu) {
        return qemu.enable("postcopy-ram").migrateIncoming("tcp:127.0.0.1:0");
    }

    private static MigrationParameters.Builder parameters() {
        return MigrationParameters.builder().disable(MigrationCapability.MULTIFD);
    }

    private static void send(Path image, Qemu qemu) throws Exception {
        try (Replay replay =
                Replay.startPostcopy(image, listen(qemu), parameters().build())) {
            replay.awaitCompleted();
        }
        qemu.awaitMigration("completed");
    }

    private static void requireRamOf(Path image, Qemu qemu) throws Exception {
        try (ImageMemory sent = ImageMemory.load(image)) {
            GuestRam.requireSame(sent.ram(), qemu.ram());
        }
    }

    /** Goes on, from where it stopped, with every page as it left it. */
    private static void requireRuns(Qemu qemu) throws Exception {
        if (!qemu.runState().equals("running")) {
            qemu.resume();
        }
        GUEST.awaitNextRound(qemu);
        qemu.stop();
        GUEST.requireConsistent(qemu.ram());
        assertFalse(qemu.serial().text().contains("boot"), "has not begun anew");
    }
}
