/**
 * Postcopy from a guest at rest: it runs at the destination first, and its pages follow as it asks for them.
 *
 * <pre>
 *   main thread                                     return path's thread
 *   configuration, ADVISE, list of blocks           PONG
 *   DISCARD of all RAM
 *   package: LISTEN, device state, RUN              requests, answered at once: loading device state faults, too
 *   until PONG 0x42 nothing is pushed               PONG 0x42: the guest runs
 *   {@link PagePush push}: present pages, in order        requests, answered before what is pushed next
 *   {@link PageLedger all sent}, END                      SHUT
 *
 *   {@link PostcopySender}   the whole of it, for a scope's tasks
 *   {@link PostcopyScript}   what the main channel says around its pages                    main thread
 *   {@link PageStream}       a channel's records of pages                                   who has its turn
 *   {@link PageLedger}       what was sent                                                  any thread
 *   {@link PushWindow}       how much of these may be on its way                            both
 *   {@link PagePush}         pages that nobody has asked for                                main thread
 *   {@link RequestedPages}   what the guest has waited for: its working set, pushed first the next time
 *                                                                                           return path's thread
 *   {@link PageAnswers}      pages that the guest waits for                                 return path's thread
 *   {@link PostcopyReturnPath}  what the destination says                                   return path's thread
 * </pre>
 *
 * <ol>
 *   <li>A page is sent once at the most: a second copy ends or hangs a destination. Whoever sends one has claimed it in
 *       the ledger, and no claimed page is left unsent when its claimant comes back without an error.
 *   <li>A destination checks nothing at the end, and a page that never came is zero there. So the end is said only
 *       where the ledger finds that all are sent that are not zero.
 *   <li>Who reads a request answers it, on the same thread: nobody has to be woken. Channels are written in turns, who
 *       pushes gives up his turn after each few pages, and has no more on its way than keeps the destination at work.
 *       Answers may have a channel of their own ({@code postcopy-preempt}).
 *   <li>Zero pages are not pushed, as the destination has emptied its RAM; who asks for one is told that it is zero.
 * </ol>
 *
 * <p>Before the guest runs there, a break is the destination's end; after that its guest waits for pages
 * ({@code postcopy-paused}), and another sender goes on: it asks for the pages that have come ({@link ReceivedPages}),
 * since those that were sent may not have, says RESUME, and pushes and answers as before.
 */
package io.pageferry.send.postcopy;
