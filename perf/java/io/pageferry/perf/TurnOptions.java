package io.pageferry.perf;

import java.util.List;
import picocli.CommandLine.Option;

/** What all comparisons are told: what they vary, and how often they measure it. */
final class TurnOptions {
    @Option(
            names = "--channels",
            split = ",",
            paramLabel = "N",
            defaultValue = "2,4",
            description = "Multifd channels, one run for each number (default: ${DEFAULT-VALUE}).")
    List<Integer> channels;

    @Option(
            names = "--turns",
            paramLabel = "N",
            defaultValue = "7",
            description = "Turns that count (default: ${DEFAULT-VALUE}).")
    int turns;
}
