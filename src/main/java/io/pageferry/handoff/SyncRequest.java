package io.pageferry.handoff;

/** What a channel shall do once it is done with its jobs: QEMU's {@code MultiFDSyncReq}. */
public enum SyncRequest {
    /** Nothing is asked. */
    NONE,
    /** Say so here only: enough where there is no peer, as when writing a file. */
    LOCAL,
    /** Send a SYNC packet to the peer, then say so here. */
    ALL
}
