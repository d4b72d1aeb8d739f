package io.pageferry.perf;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/** What a flight recording says of a server, in some lines. */
final class FlightFigures {
    private Duration paused = Duration.ZERO;
    private Duration longestPause = Duration.ZERO;
    private int pauses;
    private double load;
    private int loads;
    private final Map<String, Integer> states = new TreeMap<>();

    private FlightFigures() {}

    static FlightFigures of(Path recording) throws IOException {
        FlightFigures figures = new FlightFigures();
        try (RecordingFile file = new RecordingFile(recording)) {
            while (file.hasMoreEvents()) {
                figures.add(file.readEvent());
            }
        }
        return figures;
    }

    private void add(RecordedEvent event) {
        switch (event.getEventType().getName()) {
            case "jdk.GCPhasePause" -> {
                pauses++;
                paused = paused.plus(event.getDuration());
                longestPause = longestPause.compareTo(event.getDuration()) < 0 ? event.getDuration() : longestPause;
            }
            case "jdk.CPULoad" -> {
                loads++;
                load += event.getDouble("jvmUser") + event.getDouble("jvmSystem");
            }
            case "io.pageferry.MigrationState" -> states.merge(event.getString("state"), 1, Integer::sum);
            default -> {}
        }
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "  pauses for garbage   %d, %d ms in all, the longest %.1f ms%n  processor load       %.0f %% of all"
                        + " processors%n  states of migrations %s%n",
                pauses,
                paused.toMillis(),
                longestPause.toNanos() / 1e6,
                loads == 0 ? 0 : 100 * load / loads,
                states);
    }
}
