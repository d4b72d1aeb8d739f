package io.pageferry.net;

/** What both halves of a {@link Connection} have. Each belongs to the one thread that reads, or writes. */
abstract sealed class ConnectionHalf permits ConnectionInput, ConnectionOutput {
    final Connection connection;
    final Transport transport;

    /** Replaced only while one thread has the connection for itself. */
    volatile StallWatch.Slot slot;

    ConnectionHalf(Connection connection, Transport transport, StallWatch.Slot slot) {
        this.connection = connection;
        this.transport = transport;
        this.slot = slot;
    }
}
