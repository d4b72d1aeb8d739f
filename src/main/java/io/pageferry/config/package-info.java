/**
 * What a user sets, as immutable values that are already checked: sizes, durations, URIs, migration parameters.
 *
 * <p>Names and units are QEMU's. Nothing here does I/O, and nothing behind this room checks a setting again: a value
 * that exists is valid. A setting that is not throws {@link ConfigException}, which the command line turns into exit
 * code 2.
 */
package io.pageferry.config;
