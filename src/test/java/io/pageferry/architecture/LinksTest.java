package io.pageferry.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A link in a page for readers leads to a file of this tree, and its fragment to a heading of that file. */
@Timeout(60)
class LinksTest {
    private static final Path TREE = Path.of("");
    private static final Path SITE = Path.of("src/site");
    private static final Path PAGES = SITE.resolve("markdown");
    private static final Path MENU = SITE.resolve("site.xml");

    /** What is made by builds and load tests, at the top of the tree. */
    private static final Set<String> NOT_OURS = Set.of("target", "reports", ".git");

    private static final Pattern LINK = Pattern.compile("\\]\\(\\s*([^)\\s]+)\\s*\\)|(?:src|href)=\"([^\"]+)\"");
    private static final Pattern FENCE = Pattern.compile("(?ms)^```.*?^```\\s*?$");
    private static final Pattern CODE = Pattern.compile("`[^`\n]*`");
    private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6} (.+)$");
    private static final Pattern MENU_HREF = Pattern.compile("<item [^>]*href=\"([^\":]+)\\.html\"");
    private static final Pattern ELSEWHERE = Pattern.compile("[a-z]+:.*");

    @Test
    void shouldLeadToAFileOfThisTree() throws IOException {
        List<Path> pages = pages(TREE);
        assertTrue(pages.containsAll(List.of(Path.of("README.md"), Path.of("CONTRIBUTING.md"))), pages.toString());
        assertEquals(List.of(), broken(pages));
    }

    /** The rendered site has its own pages and images, and no source files; Maven names headings as GitHub does not. */
    @Test
    void shouldStayInTheSiteWhenAPageOfTheSiteHasALink() throws IOException {
        List<String> leaving = new ArrayList<>();
        for (Path page : pages(PAGES)) {
            for (String link : links(page)) {
                if (!page.resolveSibling(pathOf(link)).normalize().startsWith(SITE) || link.contains("#")) {
                    leaving.add(page + ": " + link);
                }
            }
        }
        assertEquals(List.of(), leaving);
    }

    /** Decisions have an index page of their own, which is in the menu in their place. */
    @Test
    void shouldHaveEveryPageInAMenu() throws IOException {
        Set<String> listed = new TreeSet<>();
        Matcher matcher = MENU_HREF.matcher(Files.readString(MENU));
        while (matcher.find()) {
            listed.add(matcher.group(1) + ".md");
        }
        Path decisions = PAGES.resolve("adr/index.md");
        for (String link : links(decisions)) {
            listed.add("adr/" + link);
        }
        Set<String> pages = pages(PAGES).stream()
                .map(page -> PAGES.relativize(page).toString())
                .collect(Collectors.toCollection(TreeSet::new));
        listed.removeIf(link -> link.startsWith("adr/../"));
        assertEquals(pages, listed);
    }

    @Test
    void shouldFindALinkThatLeadsNowhere(@TempDir Path folder) throws IOException {
        Path page = folder.resolve("page.md");
        Files.writeString(folder.resolve("other.md"), "# Two *words*: `more`\n\n```\n# no heading\n```\n");
        Files.writeString(page, """
                [good](other.md), [also](other.md#two-words-more), [away](https://example.org/), `[code](gone.md)`
                [gone](gone.md) [nowhere](other.md#no-heading) <img src="gone.png"/>
                ```
                [fenced](gone.md)
                ```
                """);
        assertEquals(
                List.of(page + ": gone.md", page + ": other.md#no-heading", page + ": gone.png"),
                broken(pages(folder)));
    }

    private static List<String> broken(List<Path> pages) throws IOException {
        List<String> broken = new ArrayList<>();
        for (Path page : pages) {
            for (String link : links(page)) {
                Path target = pathOf(link).isEmpty() ? page : page.resolveSibling(pathOf(link));
                if (!Files.exists(target) || !hasHeading(target, link)) {
                    broken.add(page + ": " + link);
                }
            }
        }
        return broken;
    }

    private static boolean hasHeading(Path target, String link) throws IOException {
        int hash = link.indexOf('#');
        if (hash < 0) {
            return true;
        }
        return HEADING.matcher(FENCE.matcher(Files.readString(target)).replaceAll(""))
                .results()
                .anyMatch(heading -> anchor(heading.group(1)).equals(link.substring(hash + 1)));
    }

    /** The name that GitHub gives a heading. */
    private static String anchor(String heading) {
        return heading.toLowerCase(Locale.ROOT)
                .replaceAll("[^\\p{L}\\p{N}\\- _]", "")
                .trim()
                .replace(' ', '-');
    }

    private static String pathOf(String link) {
        return link.replaceFirst("#.*", "");
    }

    private static List<String> links(Path page) throws IOException {
        String text = CODE.matcher(FENCE.matcher(Files.readString(page)).replaceAll(""))
                .replaceAll("");
        return LINK.matcher(text)
                .results()
                .map(match -> match.group(1) != null ? match.group(1) : match.group(2))
                .filter(link -> !ELSEWHERE.matcher(link).matches())
                .toList();
    }

    private static List<Path> pages(Path root) throws IOException {
        List<Path> pages = new ArrayList<>();
        try (Stream<Path> entries = Files.list(root)) {
            for (Path entry : entries.sorted().toList()) {
                if (!NOT_OURS.contains(entry.getFileName().toString())) {
                    pages.addAll(pagesBelow(entry));
                }
            }
        }
        return pages;
    }

    private static List<Path> pagesBelow(Path entry) throws IOException {
        try (Stream<Path> all = Files.walk(entry)) {
            return all.filter(path -> path.toString().endsWith(".md")).sorted().toList();
        }
    }
}
