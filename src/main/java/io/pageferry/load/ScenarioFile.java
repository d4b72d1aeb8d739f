package io.pageferry.load;

import io.pageferry.config.ConfigException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads scenarios: a file of lines {@code setting = value}, with {@code #} before what is for people, on a line of its
 * own or after it. A setting with several values, {@code 2, 4}, makes a scenario of each; several such settings make
 * all combinations, a matrix.
 */
public final class ScenarioFile {
    private static final String SUFFIX = ".scenario";

    /** More than anybody has to say, and no limit on what may be said. */
    private static final int MAX_BYTES = 64 * 1024;

    /** As many as somebody may still want to wait for, and tell apart in a plot. */
    private static final int MAX_SCENARIOS = 64;

    private ScenarioFile() {}

    /**
     * Reads a file.
     *
     * @param overrides settings, each {@code setting=value[,value]}, that count in place of what the file says
     */
    public static List<Scenario> read(Path file, List<String> overrides) throws IOException {
        try {
            String name = file.getFileName().toString();
            String plain = name.endsWith(SUFFIX) ? name.substring(0, name.length() - SUFFIX.length()) : name;
            return parse(plain, readLines(file), overrides);
        } catch (NoSuchFileException e) {
            throw new ConfigException("scenario must be there: file=" + file);
        } catch (ConfigException e) {
            throw new ConfigException(e.getMessage() + " scenario=" + file);
        }
    }

    /**
     * A matrix that has a standard of its own.
     *
     * @param standard lines that count where neither the file nor overrides say otherwise
     * @param file a scenario's, or nothing
     */
    public static List<Scenario> matrix(String name, List<String> standard, Optional<Path> file, List<String> overrides)
            throws IOException {
        Map<Setting, List<String>> choices = choices(standard);
        if (file.isPresent()) {
            try {
                choices.putAll(choices(readLines(file.get())));
            } catch (NoSuchFileException e) {
                throw new ConfigException("scenario must be there: file=" + file.get());
            } catch (ConfigException e) {
                throw new ConfigException(e.getMessage() + " scenario=" + file.get());
            }
        }
        override(choices, overrides);
        return combine(name, choices);
    }

    private static List<String> readLines(Path file) throws IOException {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(MAX_BYTES + 1);
        } catch (NoSuchFileException e) {
            throw e;
        } catch (IOException e) {
            throw new ConfigException("scenario must be readable: reason=\"" + e.getMessage() + "\"");
        }
        if (bytes.length > MAX_BYTES) {
            throw new ConfigException("scenario must have at most " + MAX_BYTES + " bytes");
        }
        return new String(bytes, StandardCharsets.UTF_8).lines().toList();
    }

    public static List<Scenario> parse(String name, List<String> lines, List<String> overrides) {
        Map<Setting, List<String>> choices = choices(lines);
        override(choices, overrides);
        return combine(name, choices);
    }

    private static Map<Setting, List<String>> choices(List<String> lines) {
        Map<Setting, List<String>> choices = new EnumMap<>(Setting.class);
        for (String line : lines) {
            String stripped = line.replaceFirst("(^|\\s)#.*", "").strip();
            if (!stripped.isEmpty()) {
                Choice choice = Choice.parse(stripped);
                if (choices.putIfAbsent(choice.setting, choice.values) != null) {
                    throw new ConfigException("setting must be said once: setting=" + choice.setting.key());
                }
            }
        }
        return choices;
    }

    private static void override(Map<Setting, List<String>> choices, List<String> overrides) {
        for (String override : overrides) {
            if (override.indexOf('=') < 0) {
                throw new ConfigException("--set must be with SETTING=VALUE: value=" + override);
            }
            Choice choice = Choice.parse(override);
            choices.put(choice.setting, choice.values);
        }
    }

    private record Choice(Setting setting, List<String> values) {
        static Choice parse(String line) {
            int equals = line.indexOf('=');
            if (equals < 0) {
                throw new ConfigException("line must be setting = value: line=" + line);
            }
            Setting setting = Setting.of(line.substring(0, equals).strip());
            List<String> values = List.of(line.substring(equals + 1).split(",", -1)).stream()
                    .map(String::strip)
                    .toList();
            values.forEach(setting::read);
            if (values.stream().distinct().count() != values.size()) {
                throw new ConfigException("values must differ: setting=" + setting.key() + " values=" + values);
            }
            return new Choice(setting, values);
        }
    }

    private static List<Scenario> combine(String name, Map<Setting, List<String>> choices) {
        List<Map<Setting, String>> combinations = new ArrayList<>(List.of(new EnumMap<>(Setting.class)));
        for (Map.Entry<Setting, List<String>> choice : choices.entrySet()) {
            List<Map<Setting, String>> more = new ArrayList<>();
            for (Map<Setting, String> before : combinations) {
                for (String value : choice.getValue()) {
                    Map<Setting, String> combination = new EnumMap<>(before);
                    combination.put(choice.getKey(), value);
                    more.add(combination);
                }
            }
            combinations = more;
            if (combinations.size() > MAX_SCENARIOS) {
                throw new ConfigException("matrix must have at most " + MAX_SCENARIOS + " scenarios");
            }
        }
        return combinations.stream()
                .map(values -> new Scenario(name + suffix(choices, values), values))
                .toList();
    }

    /** What tells a scenario from the others of its matrix. */
    private static String suffix(Map<Setting, List<String>> choices, Map<Setting, String> values) {
        StringBuilder suffix = new StringBuilder();
        choices.forEach((setting, all) -> {
            if (all.size() > 1) {
                suffix.append('+').append(setting.key()).append('=').append(values.get(setting));
            }
        });
        return suffix.toString();
    }
}
