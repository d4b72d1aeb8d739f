package io.pageferry.net;

import java.io.IOException;

/**
 * A transport cannot be begun, or cannot go on. Does not know which connection it is of: {@link Connection} puts its
 * name between rule and values, and makes it a {@link NetException}.
 */
public class TransportException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String rule;
    private final String values;

    /**
     * Makes one without a connection.
     *
     * @param values may be empty
     * @param cause null where there is none
     */
    public TransportException(String rule, String values, Throwable cause) {
        super(rule + ": " + values, cause);
        this.rule = rule;
        this.values = values;
    }

    /** The same, of a connection. */
    NetException of(String connection, String peer) {
        String where = connection.contains(peer) ? connection : connection + " peer=" + peer;
        return new NetException(rule + ": " + where + (values.isEmpty() ? "" : " " + values), this);
    }
}
