package io.pageferry.net;

/** What a connection's thread does, as far as {@link StallWatch} is concerned: mostly, how it waits for its peer. */
enum WaitKind {
    NONE,
    EXPECT,
    IDLE,
    PAUSABLE,
    QUIET,
    BUSY,
    /** As if busy; but that a peer has to wait for us again and again is nothing that it brings. */
    PAUSED
}
