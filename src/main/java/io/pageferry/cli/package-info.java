/**
 * The command line: one class a command, and how each of them reports and ends.
 *
 * <p>stdout has a command's result and nothing else; with {@code --json} that is one JSON object. stderr has the rest: {@code listening on URI}, a progress
 * line where it is a terminal, log lines where it is not, and on failure one line {@code pageferry: COMMAND: rule: values}. Exit codes are 0 completed,
 * 1 failed, 2 wrong command line, 130 ended by Ctrl-C.
 */
package io.pageferry.cli;
