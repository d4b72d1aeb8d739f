package io.pageferry.qemu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.PageferryProcess;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** Commands for a store's images, with guests of real QEMUs: filed, listed, brought back, removed. */
@RealQemu
@Timeout(120)
class StoreCommandsQemuIT {
    private static final int CHANNELS = 3;
    private static final DirtyingGuest GUEST = DirtyingGuest.counting();
    private static final UUID ID = UUID.fromString("2f9b7b62-58d5-4a55-8f0f-3b1a3f2d9e22");

    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource(QemuVersion.class)
    void shouldFileAGuestAndBringItBackByItsUuid(QemuVersion version) throws Exception {
        PageferryProcess.Launch pageferry = PageferryProcess.in(folder);
        Path store = folder.resolve("store");
        try (Qemu source = Qemu.of(version, folder)
                        .guest(GUEST)
                        .with("-uuid", ID.toString())
                        .start();
                PageferryProcess receive = pageferry.start("receive", "--store", store, "tcp:127.0.0.1:0")) {
            GUEST.awaitRunning(source);
            source.enable("multifd", "return-path")
                    .set("multifd-channels", CHANNELS)
                    .set("downtime-limit", Qemu.AMPLE_DOWNTIME_MILLIS)
                    .migrate(receive.awaitListening());
            receive.awaitEnd().completed();
            source.awaitMigration("completed");
        }
        JsonNode images = pageferry
                .run("list", "--json", "--store", store)
                .completed()
                .json()
                .path("images");
        assertEquals(1, images.size());
        assertEquals(ID.toString(), images.path(0).path("uuid").asString());
        String name = images.path(0).path("image").asString();
        assertTrue(name.startsWith(ID + "/"), name);
        pageferry.run("verify", "--store", store).completed();

        try (Qemu destination = Qemu.of(version, folder)
                .guest(GUEST)
                .with("-uuid", ID.toString())
                .incoming()
                .start()) {
            String where = destination.listen(CHANNELS);
            pageferry
                    .run("send", "--store", store, "--multifd-channels", CHANNELS, ID, where)
                    .completed();
            destination.awaitRunState("running");
            GUEST.awaitNextRound(destination);
            destination.stop();
            GUEST.requireConsistent(destination.ram());
        }
        pageferry.run("remove", "--store", store, name).completed();
        assertEquals(
                0,
                pageferry
                        .run("list", "--json", "--store", store)
                        .completed()
                        .json()
                        .path("images")
                        .size());
    }
}
