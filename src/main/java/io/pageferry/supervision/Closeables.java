package io.pageferry.supervision;

/** Closes what nobody needs any more. For any thread. */
public final class Closeables {
    private Closeables() {}

    /**
     * Closes something whose closing may fail and need not be told of: it was to be gone, and is.
     *
     * @param closeable null: nothing is done
     */
    public static void closeQuietly(AutoCloseable closeable) {
        try {
            if (closeable != null) {
                closeable.close();
            }
        } catch (Exception e) {
            // It was to be gone, and is.
        }
    }
}
