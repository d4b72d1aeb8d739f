package io.pageferry.qemu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.QmpFixture;
import io.pageferry.testing.QmpLines;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Says the same to the monitor of a real QEMU 10.0 and to ours, and compares the answers: the shape of what is
 * returned, class and text of what is refused.
 *
 * <p>Each line of a conversation in {@code src/test/resources/qmp} is one thing that is said. Before it stands what
 * must be the same: {@code =} all of the answer, {@code ~} its shape, {@code !} that it is an error of the same class,
 * with a text that names the same thing in other words. Bytes that are no text are written as {@code \xNN}.
 */
@RealQemu
@Timeout(120)
class QmpConversationIT {
    /** Members that are ours, beside QEMU's. */
    private static final Set<String> OURS = Set.of(
            "channels", "x-image", "x-multifd-flush-after-each-section", "x-multifd-uadk-raw", "x-owner", "x-uuid");

    @TempDir
    Path folder;

    @Test
    void shouldAnswerAsQemuDoesWhateverIsSaid() throws Exception {
        compare("broken", false);
    }

    @Test
    void shouldAnswerAsASourceDoes() throws Exception {
        compare("source", false);
    }

    @Test
    void shouldAnswerAsADestinationDoes() throws Exception {
        compare("destination", true);
    }

    @Test
    void shouldHaveQemusCommandsOnlyWhereTheNameIsNotOurs() throws Exception {
        try (Pair pair = Pair.start(folder, false)) {
            pair.ask(line("{\"execute\": \"qmp_capabilities\"}"));
            Set<String> ours = names(pair.ours().obey("query-commands", "{}"));
            Set<String> qemus = names(pair.qemus().obey("query-commands", "{}"));
            assertTrue(
                    ours.containsAll(Set.of("migrate", "yank", "quit", "query-commands", "x-attach")), ours.toString());
            ours.removeIf(name -> name.startsWith("x-"));
            ours.removeAll(qemus);
            assertEquals(Set.of(), ours, "commands that look like QEMU's");
        }
    }

    private void compare(String conversation, boolean incoming) throws Exception {
        List<String> differences = new ArrayList<>();
        try (Pair pair = Pair.start(folder, incoming)) {
            for (String line : Files.readAllLines(Path.of("src/test/resources/qmp", conversation + ".txt"))) {
                if (line.isBlank() || line.startsWith("#")) {
                    continue;
                }
                Answers answers = pair.ask(line(line.substring(2)));
                if (!fits(line.charAt(0), answers)) {
                    differences.add(line + "\n  QEMU " + answers.qemus() + "\n  ours " + answers.ours());
                }
            }
        }
        assertEquals("", String.join("\n", differences));
    }

    private static boolean fits(char mark, Answers answers) {
        if (answers.ours().size() != answers.qemus().size() || answers.qemus().isEmpty()) {
            return false;
        }
        for (int i = 0; i < answers.ours().size(); i++) {
            JsonNode qemus = answers.qemus().get(i);
            JsonNode ours = answers.ours().get(i);
            boolean fits = sameShape(qemus, ours)
                    && switch (mark) {
                        case '=' -> qemus.has("event") || qemus.equals(ours);
                        case '~' -> qemus.has("return") || qemus.has("event") || qemus.equals(ours);
                        case '!' ->
                            qemus.path("error").has("class")
                                    && qemus.path("error")
                                            .path("class")
                                            .equals(ours.path("error").path("class"));
                        default -> throw new IllegalArgumentException("line must begin with =, ~ or !: mark=" + mark);
                    };
            if (!fits) {
                return false;
            }
        }
        return true;
    }

    /**
     * Ours has each of QEMU's members with a value of the same type, and no more but those that are known to be ours.
     */
    static boolean sameShape(JsonNode qemus, JsonNode ours) {
        if (qemus.isObject() && ours.isObject()) {
            Set<String> more = new TreeSet<>(ours.propertyNames());
            more.removeAll(qemus.propertyNames());
            return OURS.containsAll(more)
                    && qemus.propertyStream()
                            .allMatch(member -> ours.has(member.getKey())
                                    && sameShape(member.getValue(), ours.get(member.getKey())));
        }
        if (qemus.isArray() && ours.isArray()) {
            if (qemus.size() == ours.size()) {
                for (int i = 0; i < qemus.size(); i++) {
                    if (!sameShape(qemus.get(i), ours.get(i))) {
                        return false;
                    }
                }
                return true;
            }
            return !qemus.isEmpty() && !ours.isEmpty() && sameShape(qemus.get(0), ours.get(0));
        }
        return qemus.getNodeType() == ours.getNodeType();
    }

    private static Set<String> names(JsonNode commands) {
        Set<String> names = new TreeSet<>();
        commands.forEach(command -> names.add(command.path("name").asString()));
        return names;
    }

    private static byte[] line(String text) {
        StringBuilder latin =
                new StringBuilder(new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1));
        for (int at = latin.indexOf("\\x"); at >= 0; at = latin.indexOf("\\x", at + 1)) {
            char octet = (char) Integer.parseInt(latin, at + 2, at + 4, 16);
            latin.replace(at, at + 4, String.valueOf(octet));
        }
        return latin.toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    private record Answers(List<JsonNode> qemus, List<JsonNode> ours) {}

    /** A QEMU's monitor and one of ours, each with a client. */
    private record Pair(Qemu qemu, QmpLines qemus, QmpFixture house, QmpLines ours) implements AutoCloseable {
        static Pair start(Path folder, boolean incoming) throws IOException, InterruptedException {
            Path monitor = folder.resolve("second-monitor");
            Qemu.Builder builder = Qemu.of(QemuVersion.V10_0, folder)
                    .paused()
                    .anonymousRam()
                    .with("-qmp", "unix:" + monitor + ",server=on,wait=off");
            Qemu qemu = (incoming ? builder.incoming() : builder).start();
            QmpFixture house = QmpFixture.open(folder);
            Pair pair = new Pair(qemu, QmpLines.connect(monitor), house, QmpLines.connect(house.monitor()));
            assertTrue(sameShape(pair.qemus.next(), pair.ours.next()), "greetings");
            return pair;
        }

        Answers ask(byte[] bytes) throws IOException {
            return new Answers(qemus.ask(bytes), ours.ask(bytes));
        }

        @Override
        public void close() throws IOException {
            qemus.close();
            ours.close();
            house.close();
            qemu.close();
        }
    }
}
