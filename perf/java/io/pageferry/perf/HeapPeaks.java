package io.pageferry.perf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The most that a heap has had in it, of the JVM's log of its collections ({@code -Xlog:gc}).
 *
 * @param before with all garbage, when a collection began
 * @param after what a collection has left
 */
record HeapPeaks(int collections, int before, int after) {
    private static final Pattern COLLECTION = Pattern.compile(" (\\d+)M->(\\d+)M\\(");

    static HeapPeaks of(Path log) throws IOException {
        List<MatchResult> collections;
        try (Stream<String> lines = Files.lines(log)) {
            collections = lines.map(COLLECTION::matcher)
                    .filter(Matcher::find)
                    .map(Matcher::toMatchResult)
                    .toList();
        }
        return new HeapPeaks(collections.size(), most(collections, 1), most(collections, 2));
    }

    private static int most(List<MatchResult> collections, int group) {
        return collections.stream()
                .mapToInt(each -> Integer.parseInt(each.group(group)))
                .max()
                .orElse(0);
    }

    @Override
    public String toString() {
        return "most before a collection " + before + ", most after one " + after + " (" + collections
                + " collections)";
    }
}
