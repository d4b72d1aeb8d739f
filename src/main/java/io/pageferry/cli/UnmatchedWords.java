package io.pageferry.cli;

import java.util.List;
import picocli.CommandLine.UnmatchedArgumentException;

/** What is said of words on a command line that nothing there is fits, and what may have been meant. Stateless. */
final class UnmatchedWords {
    private UnmatchedWords() {}

    /** One rule, of the first word that is wrong: those behind it may only be so because of it. */
    static String describe(UnmatchedArgumentException failure) {
        List<String> words = failure.getUnmatched();
        String option =
                words.stream().filter(UnmatchedWords::isOption).findFirst().orElse(null);
        String word = option != null ? option : words.getFirst();
        boolean isCommand = failure.getCommandLine().getParent() == null;
        String rule = option != null
                ? "option must be one there is: option=" + nameOf(word)
                : isCommand
                        ? "command must be one there is: command=" + word
                        : "argument must not be one too many: value=" + word;
        List<String> meant = option != null || isCommand ? failure.getSuggestions() : List.of();
        return meant.isEmpty() ? rule : rule + " meant=" + meant.getFirst();
    }

    private static boolean isOption(String word) {
        return word.length() > 1 && word.startsWith("-");
    }

    /** Without its value, which may be a secret, and is none of the fault. */
    private static String nameOf(String option) {
        int value = option.indexOf('=');
        return value < 0 ? option : option.substring(0, value);
    }
}
