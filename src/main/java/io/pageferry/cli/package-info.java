/**
 * The command line: one class a command, and how each of them reports and ends.
 *
 * <pre>
 *   {@link Main}              picks the command
 *   {@link ReportingCommand}  runs it; whatever it throws becomes
 *   {@link Ending}            how it ended: one JSON object or lines, a reason, an exit code
 *   {@link Interruption}      a signal interrupts the command, which then ends like any other
 *   {@link LogSetup}          where the log goes
 * </pre>
 *
 * <p>stdout has a command's result and nothing else; with {@code --json} that is one JSON object, however the command
 * ended, a wrong command line included. stderr has the rest: {@code listening on URI}, a progress line where it is a
 * terminal, log lines where it is not, and on failure one line {@code pageferry: COMMAND: rule: values}, whose rule and
 * values are the object's {@code error-desc}. Exit codes are 0 completed, 1 failed, 2 wrong command line, 130 ended by
 * Ctrl-C, 143 by SIGTERM; one that completed in spite of a signal ends with 0.
 */
package io.pageferry.cli;
