/**
 * QMP: how stock clients of QEMU drive and watch migrations.
 *
 * <pre>
 * client's bytes → Opening → JsonLexer → MessageReader → QmpSession → a command of Monitor → Endpoint → MigrationHost
 *        answers and events ← Outbox ←──────────────┴────────────── migration's threads
 * </pre>
 *
 * <p>A connection is the monitor of an {@link Endpoint} of its own, with QEMU's defaults; {@code x-attach} points it to
 * another migration. A migration goes on when its client has gone. Names, arguments, answers, errors and events are
 * those of QEMU 10.0, and a test compares them with a real one's. What differs, and why:
 *
 * <ol>
 *   <li>There is no guest that runs, so there is none to be stopped or continued: an endpoint can send the same image
 *       again, and {@code migrate-incoming} needs no {@code -incoming}. {@code quit} ends the endpoint, not the
 *       process.
 *   <li>A capability or parameter that QEMU has and this does not is refused by its name, unless it is set to what it
 *       is anyhow; so is a change that would come too late for the migration that runs, all but {@code max-bandwidth}.
 *       {@code multifd} counts for {@code migrate} only: what comes in may have channels or not.
 *   <li>{@code return-path} may be on or off, as a QEMU has it that waits for a guest: a source here always asks for
 *       it, as it needs the answer.
 *   <li>{@code migrate_cancel} and {@code yank} end a migration that is waited for too.
 *   <li>{@code query-migrate} tells of an incoming migration what QEMU tells of an outgoing one only, and adds
 *       {@code channels}.
 *   <li>There is no {@code object-add}: {@code tls-creds} is empty, or {@code tls0} for the credentials that the server
 *       was started with.
 *   <li>Names that begin with {@code x-} are ours, where QEMU has no such name: parameters {@code x-image} (what
 *       {@code migrate} sends, what {@code migrate-incoming} writes), {@code x-owner} (whose image {@code migrate}
 *       sends), {@code x-uuid}; commands {@code x-query-images} and {@code x-query-migrations} (both with {@code limit}
 *       and {@code after}), {@code x-remove-image}, {@code x-attach}.
 *   <li>What a client says first must be an object, an opening brace after blanks or bytes FE and FF; QEMU goes on
 *       behind anything. Whoever begins otherwise is told so, closed, logged and counted ({@link ClientProtocol}):
 *       above all a browser, whose page may not command what its visitor's host runs. What is broken later is gone over
 *       as in QEMU.
 *   <li>A socket in the file system has mode 0600 whatever the umask: who is to share it is let in by {@code chmod} or
 *       {@code chgrp}.
 * </ol>
 *
 * <p>There is no password, as in QEMU: who can connect may do everything. So TCP is at loopback, or under TLS with
 * clients that have proved who they are, as QEMU's chardevs have it ({@code tls-creds}, {@code tls-authz}), or somebody
 * has said that it is insecure ({@link QmpSettings}). At loopback every user of the machine can connect; a program that
 * lets others choose its first bytes too ({@code gopher:}) cannot be told from a client.
 *
 * <p>Each connection has two virtual threads, one that reads and obeys, one that writes. A client is bounded in what it
 * may send ({@link MessageReader}) and in what it may leave unread ({@link Outbox}): it never holds up a migration, and
 * is closed before an event would be lost. An answer may be as long as it likes: it is made as it is written, no
 * further commands are read until its client has taken it, and a client that takes nothing is closed. Lists are in a
 * lasting order and can be had page by page. Clients are bounded in number, and so are those whose TLS handshake is not
 * done, apart from each other ({@link QmpServer}).
 */
package io.pageferry.control.qmp;
