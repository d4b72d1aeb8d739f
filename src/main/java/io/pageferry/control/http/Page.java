package io.pageferry.control.http;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * Which part of a list a client wants: {@code ?after=…&limit=…}; all of it, where it does not say.
 *
 * @param after the last one's name or number that it has; empty: none
 * @param limit how many it wants at the most
 * @param newestFirst whether it wants the newest ones, the newest first
 * @param filter a text that it looks for; empty: anything
 */
record Page(String after, int limit, boolean newestFirst, String filter) {
    private static final Pattern LIMIT = Pattern.compile("[1-9]\\d{0,8}");
    private static final Pattern NUMBER = Pattern.compile("\\d{1,18}");

    /**
     * Reads a request's query; other members of it are nobody's here.
     *
     * @throws IllegalArgumentException where it makes no sense, with what must hold
     */
    static Page of(URI request) {
        String after = "";
        int limit = Integer.MAX_VALUE;
        boolean newestFirst = false;
        String filter = "";
        String query = request.getRawQuery() == null ? "" : request.getRawQuery();
        for (String member : query.split("&")) {
            String value = URLDecoder.decode(member.substring(member.indexOf('=') + 1), StandardCharsets.UTF_8);
            if (member.startsWith("after=")) {
                after = value;
            } else if (member.startsWith("order=")) {
                if (!value.equals("newest")) {
                    throw new IllegalArgumentException("order must be newest");
                }
                newestFirst = true;
            } else if (member.startsWith("filter=")) {
                filter = value;
                newestFirst = true;
            } else if (member.startsWith("limit=")) {
                if (!LIMIT.matcher(value).matches()) {
                    throw new IllegalArgumentException("limit must be a number, 1 at least");
                }
                limit = Integer.parseInt(value);
            }
        }
        return new Page(after, limit, newestFirst, filter);
    }

    /** {@link #after} as a number. */
    long afterNumber() {
        if (after.isEmpty()) {
            return 0;
        }
        if (!NUMBER.matcher(after).matches()) {
            throw new IllegalArgumentException("after must be a migration's id");
        }
        return Long.parseLong(after);
    }
}
