package io.pageferry.cli;

import io.pageferry.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A file with options of {@code serve}: a JSON object whose members are options without their dashes. A list is an
 * option given again, {@code true} one that has no value, {@code false} or {@code null} one that is not there.
 * {@code adopt} is a list of FROM, TO, and further such pairs.
 */
final class ServeConfig {
    static final String OPTION = "--config";

    /** Where a package puts it. */
    static final Path INSTALLED = Path.of("/etc/pageferry/serve.json");

    private static final String STORE_OPTION = "--store";

    /** The option that takes two values: a list has them one after the other. */
    private static final String PAIRED = "adopt";

    private ServeConfig() {}

    /**
     * Puts what the file says in front of the options of the command line, so that those count where an option can be
     * given once.
     *
     * @param installed the file of a command line that names neither one nor a store, and so says too little by itself;
     *     where it is not there, or not to be read, what is missing is missing
     */
    static String[] expand(String[] arguments, Path installed) {
        List<String> expanded = new ArrayList<>();
        if (!has(arguments, OPTION) && !has(arguments, STORE_OPTION) && Files.isReadable(installed)) {
            expanded.addAll(read(installed));
        }
        for (int i = 1; i < arguments.length; i++) {
            if (arguments[i].equals(OPTION) && i + 1 < arguments.length) {
                expanded.addAll(read(Path.of(arguments[++i])));
            } else if (arguments[i].startsWith(OPTION + "=")) {
                expanded.addAll(read(Path.of(arguments[i].substring(OPTION.length() + 1))));
            }
        }
        if (expanded.isEmpty()) {
            return arguments;
        }
        expanded.addFirst(arguments[0]);
        expanded.addAll(List.of(arguments).subList(1, arguments.length));
        return expanded.toArray(String[]::new);
    }

    private static boolean has(String[] arguments, String option) {
        return Arrays.stream(arguments).anyMatch(word -> word.equals(option) || word.startsWith(option + "="));
    }

    private static List<String> read(Path file) {
        JsonNode root;
        try {
            root = JsonMapper.shared().readTree(Files.readAllBytes(file));
        } catch (NoSuchFileException e) {
            throw new ConfigException("config must be a file that is there: value=" + file);
        } catch (IOException e) {
            throw new ConfigException(
                    "config must be a file that can be read: value=" + file + " reason=\"" + e + "\"");
        } catch (JacksonException e) {
            TokenStreamLocation at = e.getLocation();
            throw new ConfigException("config must be JSON: value=" + file
                    + (at == null ? "" : " line=" + at.getLineNr() + " column=" + at.getColumnNr()) + " reason=\""
                    + e.getOriginalMessage().lines().findFirst().orElse("") + "\"");
        }
        if (!root.isObject()) {
            throw new ConfigException("config must be a JSON object: value=" + file);
        }
        List<String> arguments = new ArrayList<>();
        for (Map.Entry<String, JsonNode> member : root.properties()) {
            add(arguments, file, member.getKey(), member.getValue());
        }
        return arguments;
    }

    private static void add(List<String> arguments, Path file, String name, JsonNode value) {
        if (name.equals(PAIRED) && value.isArray()) {
            addPairs(arguments, file, value);
        } else if (value.isArray()) {
            value.forEach(element -> add(arguments, file, name, element));
        } else if (value.isString() || value.isNumber()) {
            arguments.add("--" + name + "=" + value.asString());
        } else if (value.isBoolean() && value.asBoolean()) {
            arguments.add("--" + name);
        } else if (!value.isBoolean() && !value.isNull()) {
            throw new ConfigException("config's members must be texts, numbers, booleans or lists of them: value="
                    + file + " member=" + name);
        }
    }

    private static void addPairs(List<String> arguments, Path file, JsonNode values) {
        if (values.size() % 2 != 0 || !values.valueStream().allMatch(JsonNode::isString)) {
            throw new ConfigException("config's adopt must be a list of texts, FROM and TO in turn: value=" + file);
        }
        for (int i = 0; i < values.size(); i += 2) {
            arguments.addAll(List.of(
                    "--" + PAIRED, values.get(i).asString(), values.get(i + 1).asString()));
        }
    }
}
