package io.pageferry.cli;

import io.pageferry.config.ConfigException;
import io.pageferry.config.InetOptions;
import io.pageferry.config.MigrationParameters;
import io.pageferry.config.MigrationUri;
import io.pageferry.image.Image;
import io.pageferry.load.Scenario;
import io.pageferry.load.ScenarioFile;
import io.pageferry.load.Setting;
import io.pageferry.load.rehearsal.Rehearsal;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What a rehearsal is to be like: a guest's image, a link, or both. Immutable. */
record RehearsalSubject(Optional<Path> image, Optional<MigrationUri.Tcp> sink) {
    /** What is tried where nobody says otherwise. */
    private static final List<String> STANDARD = List.of(
            "multifd-channels = 1, 2, 4, 8", "multifd-compression = none, zstd, zlib", "warm-up = 0", "turns = 3");

    static RehearsalSubject parse(List<String> arguments) {
        Optional<Path> image = Optional.empty();
        Optional<MigrationUri.Tcp> sink = Optional.empty();
        for (String argument : arguments) {
            boolean isLink = argument.startsWith("tcp:") || argument.startsWith("unix:");
            if (isLink ? sink.isPresent() : image.isPresent()) {
                throw new ConfigException("--like must be one image and one link at most: like=" + arguments);
            }
            if (isLink) {
                sink = Optional.of(sink(argument));
            } else {
                image = Optional.of(image(argument));
            }
        }
        return new RehearsalSubject(image, sink);
    }

    static MigrationUri.Tcp sink(String argument) {
        if (MigrationUri.parse(argument) instanceof MigrationUri.Tcp uri
                && uri.options().equals(InetOptions.NONE)) {
            return uri;
        }
        throw new ConfigException("sink must be at tcp:HOST:PORT: uri=" + argument);
    }

    private static Path image(String argument) {
        MigrationUri.ImageFile file = ImageArgument.parse(argument);
        if (file.offset() != 0) {
            throw new ConfigException("image must begin where its file does: image=" + argument);
        }
        return file.path().toAbsolutePath();
    }

    Rehearsal.Plan plan(Optional<Path> file, List<String> overrides, int runs) throws IOException {
        List<String> standard = new ArrayList<>(STANDARD);
        Map<Setting, String> fixed = new HashMap<>();
        if (image.isPresent()) {
            standard.add("size = " + ramBytes(image.get()));
            fixed.put(Setting.CONTENTS, image.get().toString());
        }
        if (sink.isPresent()) {
            fixed.put(Setting.TARGET, "sink");
        }
        Set<Map<Setting, String>> seen = new HashSet<>();
        List<Scenario> all = ScenarioFile.matrix("rehearsal", standard, file, overrides);
        if (sink.isPresent() && all.stream().anyMatch(RehearsalSubject::makesALink)) {
            throw new ConfigException(
                    "link-latency, link-loss and link-rate must be left out where there is a link: sink=" + sink.get());
        }
        List<Scenario> scenarios = all.stream()
                .filter(scenario -> seen.add(whatCounts(scenario)))
                .map(scenario -> scenario.with(scenario.name(), fixed))
                .toList();
        return new Rehearsal.Plan(scenarios, image, sink, runs);
    }

    private static boolean makesALink(Scenario scenario) {
        return !scenario.time(Setting.LINK_LATENCY).isZero()
                || scenario.fraction(Setting.LINK_LOSS) > 0
                || scenario.size(Setting.LINK_RATE) > 0;
    }

    /** Levels are those of a codec: without one they make no difference. */
    private static Map<Setting, String> whatCounts(Scenario scenario) {
        Map<Setting, String> values = new HashMap<>(scenario.values());
        if (scenario.text(Setting.MULTIFD_COMPRESSION).equals("none")) {
            values.remove(Setting.COMPRESSION_LEVEL);
        }
        return values;
    }

    private static long ramBytes(Path path) throws IOException {
        try (Image image = Image.open(path, 0, MigrationParameters.DEFAULT_MAX_RAM, false)) {
            return image.layout().totalBytes();
        }
    }
}
