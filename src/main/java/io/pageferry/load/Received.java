package io.pageferry.load;

/**
 * How a migration ended where it went to.
 *
 * @param error why it failed, or null
 */
record Received(String error) {}
