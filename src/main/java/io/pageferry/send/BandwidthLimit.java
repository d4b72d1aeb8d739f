package io.pageferry.send;

/** {@code max-bandwidth} of a migration, which may change while it runs. For any thread. */
public final class BandwidthLimit {
    private volatile long bytesPerSecond;

    /**
     * Makes one.
     *
     * @param bytesPerSecond 0 for no limit
     */
    public BandwidthLimit(long bytesPerSecond) {
        this.bytesPerSecond = bytesPerSecond;
    }

    public long bytesPerSecond() {
        return bytesPerSecond;
    }

    public void set(long value) {
        bytesPerSecond = value;
    }
}
