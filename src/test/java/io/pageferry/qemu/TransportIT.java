package io.pageferry.qemu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pageferry.testing.PageferryProcess;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;

/**
 * Every way to reach the other end, on the command line and on QEMU's monitor, and as few and as many channels as there
 * can be.
 */
@RealQemu
@Timeout(120)
class TransportIT {
    private static final DirtyingGuest GUEST = DirtyingGuest.counting();

    @TempDir
    Path folder;

    static Stream<Arguments> ways() {
        return Stream.of(
                Arguments.of("tcp:127.0.0.1:0", 1),
                Arguments.of("tcp:127.0.0.1:0", 255),
                Arguments.of("tcp:[::1]:0", 3),
                Arguments.of("tcp:localhost:0,ipv4=on,ipv6=off,to=65535", 2),
                Arguments.of("unix:FOLDER/socket", 255));
    }

    @ParameterizedTest(name = "{0}, {1} channels")
    @MethodSource("ways")
    void shouldTakeGuestAndBringItBack(String where, int channels) throws Exception {
        Path image = folder.resolve("image");
        String place = where.replace("FOLDER", folder.toString());
        try (Qemu source = qemu().start()) {
            GUEST.awaitRunning(source);
            source.enable("multifd", "return-path")
                    .set("multifd-channels", channels)
                    .set("downtime-limit", Qemu.AMPLE_DOWNTIME_MILLIS);
            try (PageferryProcess receive = receive(place, image, channels)) {
                source.migrate(receive.awaitListening());
                receive.awaitEnd().completed();
            }
            source.awaitMigration("completed");
        }
        try (Qemu destination = qemu().incoming().start()) {
            destination.enable("multifd").set("multifd-channels", channels);
            requireBroughtBack(destination, image, destination.migrateIncoming(place), channels);
        }
    }

    /** What QEMU is told and what we are told is the same text. */
    @ParameterizedTest
    @MethodSource("addresses")
    void shouldTakeTheSameAddressesAsQemu(Map<String, String> address) throws Exception {
        Path image = folder.resolve("image");
        Map<String, Object> there = Map.of("channel-type", "main", "addr", atFolder(address));
        String json = JsonMapper.builder().build().writeValueAsString(List.of(there));
        try (Qemu source = qemu().start()) {
            GUEST.awaitRunning(source);
            source.enable("multifd", "return-path").set("downtime-limit", Qemu.AMPLE_DOWNTIME_MILLIS);
            try (PageferryProcess receive = receive(json, image, 2)) {
                String uri = receive.awaitListening();
                source.migrate(uri);
                receive.awaitEnd().completed();
            }
        }
        try (Qemu destination = qemu().incoming().start()) {
            destination.enable("multifd");
            destination.qmp().execute("migrate-incoming", Map.of("channels", List.of(there)));
            Map<String, Object> real = address.get("type").equals("unix")
                    ? there
                    : Map.of("channel-type", "main", "addr", withPort(address, destination));
            requireBroughtBack(destination, image, JsonMapper.builder().build().writeValueAsString(List.of(real)), 2);
        }
    }

    static Stream<Map<String, String>> addresses() {
        return Stream.of(
                Map.of("transport", "socket", "type", "inet", "host", "127.0.0.1", "port", "0"),
                Map.of("transport", "socket", "type", "unix", "path", "FOLDER/socket"));
    }

    private Map<String, String> atFolder(Map<String, String> address) {
        return address.containsKey("path")
                ? Map.of(
                        "transport",
                        "socket",
                        "type",
                        "unix",
                        "path",
                        folder.resolve("socket").toString())
                : address;
    }

    private static Map<String, String> withPort(Map<String, String> address, Qemu qemu) {
        String port =
                qemu.queryMigrate().path("socket-address").path(0).path("port").asString();
        return Map.of("transport", "socket", "type", "inet", "host", address.get("host"), "port", port);
    }

    private PageferryProcess receive(String where, Path image, int channels) throws Exception {
        return PageferryProcess.in(folder).start("receive", where, image, "--multifd-channels", channels, "--json");
    }

    private void requireBroughtBack(Qemu destination, Path image, String where, int channels) throws Exception {
        assertEquals(
                "completed",
                PageferryProcess.in(folder)
                        .run("send", image, where, "--multifd-channels", channels, "--json")
                        .completed()
                        .json()
                        .path("status")
                        .asString());
        destination.awaitRunState("running");
        GUEST.awaitNextRound(destination);
        destination.stop();
        GUEST.requireConsistent(destination.ram());
    }

    private Qemu.Builder qemu() {
        return Qemu.of(QemuVersion.V10_0, folder).guest(GUEST);
    }
}
