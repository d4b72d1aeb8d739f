package io.pageferry.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.PageferryProcess;
import io.pageferry.testing.Result;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Command lines that are wrong, and those that ask what is right. */
@Timeout(120)
class UsageIT {
    @TempDir
    private Path folder;

    static Stream<Arguments> wrongCommandLines() {
        return Stream.of(
                wrong("ferry", "pageferry: command must be one there is: command=ferry meant=serve (see --help)"),
                wrong("recieve", "pageferry: command must be one there is: command=recieve meant=receive (see --help)"),
                wrong("help ferry", "pageferry: command must be one there is: command=ferry meant=serve (see --help)"),
                wrong(
                        "receive --multifd-chanels 4 tcp:h:1 an.img",
                        "pageferry: receive: option must be one there is: option=--multifd-chanels"
                                + " meant=--multifd-channels (see --help)"),
                wrong("receive", "pageferry: receive: Missing required parameters: 'URI', 'IMAGE' (see --help)"),
                wrong(
                        "send an.img tcp:h:1 more",
                        "pageferry: send: argument must not be one too many: value=more (see --help)"),
                wrong(
                        "inspect --deep an.img",
                        "pageferry: inspect: option must be one there is: option=--deep (see --help)"),
                wrong(
                        "receive http://h:1 an.img",
                        "pageferry: receive: URI must be tcp:HOST:PORT, unix:PATH or file:PATH[,offset=N]:"
                                + " value=http://h:1 (see --help)"),
                wrong(
                        "receive tcp:h:65536 an.img",
                        "pageferry: receive: port must be 0 to 65535: value=tcp:h:65536 (see --help)"),
                wrong(
                        "send file:an.img,offset=x tcp:h:1",
                        "pageferry: send: size must be a number of bytes with an optional suffix k, M, G, T, P or E:"
                                + " value=x (see --help)"),
                wrong(
                        "receive --max-ram 1Q tcp:h:1 an.img",
                        "pageferry: receive: size must be a number of bytes with an optional suffix k, M, G, T, P or"
                                + " E: value=1Q option=--max-ram (see --help)"),
                wrong(
                        "receive --stall-timeout 5 tcp:h:1 an.img",
                        "pageferry: receive: duration must be a whole number with a unit ms, s, m or h, above zero:"
                                + " value=5 option=--stall-timeout (see --help)"),
                wrong(
                        "receive --multifd-channels 256 tcp:h:1 an.img",
                        "pageferry: receive: multifd-channels must be 1 to 255: value=256 (see --help)"),
                wrong(
                        "send --multifd-flush-after-each-section maybe an.img tcp:h:1",
                        "pageferry: send: value must be on, off or auto: value=maybe"
                                + " option=--multifd-flush-after-each-section (see --help)"),
                wrong(
                        "send --multifd off --multifd-channels 2 an.img tcp:h:1",
                        "pageferry: send: --multifd-channels must not be set where multifd is off: --multifd=off"
                                + " (see --help)"),
                wrong(
                        "send --multifd off --multifd-compression zlib an.img tcp:h:1",
                        "pageferry: send: multifd-compression must be none where multifd is off:"
                                + " multifd-compression=zlib (see --help)"),
                wrong(
                        "convert an.img another.img",
                        "pageferry: convert: IN and OUT must be of different forms, an image and stream:FILE:"
                                + " in=an.img out=another.img (see --help)"),
                wrong("demo --zero-share 2", "pageferry: demo: zero share must be 0 to 1: value=2.0 (see --help)"),
                wrong(
                        "demo --downtime-limit -1",
                        "pageferry: demo: downtime-limit must be 0 to 2000000 ms: value=-1 (see --help)"));
    }

    private static Arguments wrong(String commandLine, String line) {
        return Arguments.of(commandLine, line);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wrongCommandLines")
    void shouldSayInOneLineWhatIsWrongWithTheCommandLine(String commandLine, String line) throws Exception {
        assertEquals(line, PageferryProcess.in(folder).run(words(commandLine)).failed(2));
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(
            strings = {
                "receive --json",
                "send --json an.img nowhere",
                "inspect --json --max-ram x an.img",
                "demo --size 5000 --json",
                "ferry --json"
            })
    void shouldSayItAsJsonToo(String commandLine) throws Exception {
        PageferryProcess.in(folder).run(words(commandLine)).failedWithJson(2);
    }

    @Test
    void shouldSayWhichCommandsThereAre() throws Exception {
        Result result = PageferryProcess.in(folder).run("--help").completed();
        for (String command : List.of("demo", "receive", "send", "inspect", "convert")) {
            assertTrue(result.stdout().contains("\n  " + command + " "), result.stdout());
        }
    }

    @Test
    void shouldShowHowToBeginWhereNothingIsAskedFor() throws Exception {
        String overview = PageferryProcess.in(folder).run().completed().stdout();
        assertTrue(overview.contains("pageferry help COMMAND"), overview);
        assertTrue(overview.lines().count() < 20, overview);
    }

    @Test
    void shouldHelpByACommandToo() throws Exception {
        PageferryProcess.Launch launch = PageferryProcess.in(folder);
        assertEquals(
                launch.run("--help").completed().stdout(),
                launch.run("help").completed().stdout());
        assertEquals(
                launch.run("send", "--help").completed().stdout(),
                launch.run("help", "send").completed().stdout());
    }

    @Test
    void shouldSayWhichExitCodesThereAre() throws Exception {
        String help = PageferryProcess.in(folder).run("--help").completed().stdout();
        List<String> codes = help.substring(help.indexOf("Exit codes:"))
                .lines()
                .skip(1)
                .map(line -> line.strip().split(" ")[0])
                .toList();
        assertEquals(List.of("0", "1", "2", "70", "130"), codes);
    }

    static Stream<Arguments> contract() {
        return Stream.of(
                Arguments.of(
                        "receive",
                        "--multifd-channels=N --stall-timeout=DURATION --max-ram=SIZE --json --uuid=UUID --direct-io"
                                + " URI IMAGE"),
                Arguments.of(
                        "send",
                        "--multifd-channels=N --stall-timeout=DURATION --max-ram=SIZE --json --uuid=UUID --direct-io"
                                + " --max-bandwidth=SIZE --zero-page-detection=none|legacy|multifd IMAGE URI"),
                Arguments.of("inspect", "--json --max-ram=SIZE IMAGE"),
                Arguments.of("convert", "--json --max-ram=SIZE --image-mode=MODE IN OUT"),
                Arguments.of(
                        "demo",
                        "--size=SIZE --dirty-rate=SIZE --zero-share=SHARE --compressibility=SHARE --downtime-limit=MS"
                                + " --max-bandwidth=SIZE --multifd-channels=N --json"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("contract")
    void shouldExplainEachOptionOfTheContract(String command, String options) throws Exception {
        String help =
                PageferryProcess.in(folder).run(command, "--help").completed().stdout();
        assertTrue(help.startsWith("Usage: pageferry " + command), help);
        for (String option : options.split(" ")) {
            assertTrue(help.lines().anyMatch(line -> line.strip().startsWith(option)), option + " in " + help);
        }
    }

    @Test
    void shouldHaveQemusDefaults() throws Exception {
        String help = PageferryProcess.in(folder)
                .run("send", "--help")
                .completed()
                .stdout()
                .replaceAll("\\s+", " ");
        assertTrue(
                help.contains("--multifd-channels=N Multifd channels beside the main one, 1 to 255;"
                        + " as the other end has it (default: 2)."),
                help);
        assertTrue(help.contains("(default: 30s)"), help);
        assertTrue(help.contains("0: no limit (default)"), help);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--version", "receive --version", "demo -V"})
    void shouldSayItsVersion(String commandLine) throws Exception {
        Result result = PageferryProcess.in(folder).run(words(commandLine)).completed();
        assertTrue(result.stdout().matches("pageferry \\d+\\.\\d+\\.\\d+(-SNAPSHOT)?\n"), result.stdout());
    }

    @Test
    void shouldPrintAStackTraceWhenItIsAskedTo() throws Exception {
        Result quiet = PageferryProcess.in(folder).run("inspect", "missing.img");
        Result verbose = PageferryProcess.in(folder).run("inspect", "--verbose", "missing.img");
        assertEquals(1, verbose.code());
        assertTrue(verbose.stderr().startsWith(quiet.failed(1) + "\n"), verbose.stderr());
        assertTrue(verbose.stderr().contains("\tat io.pageferry."), verbose.stderr());
        assertFalse(quiet.stderr().contains("\tat "), quiet.stderr());
    }

    private static Object[] words(String commandLine) {
        return Arrays.stream(commandLine.split(" "))
                .filter(word -> !word.isEmpty())
                .toArray();
    }
}
