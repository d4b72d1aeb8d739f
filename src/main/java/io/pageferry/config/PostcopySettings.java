package io.pageferry.config;

/**
 * How a guest is sent by postcopy, besides what every migration has.
 *
 * @param preempt QEMU's {@code postcopy-preempt}: whether pages that the guest waits for go over a connection of their
 *     own; as the destination has it, since it waits for that connection
 */
public record PostcopySettings(boolean preempt) {
    /** QEMU's own. */
    public static final PostcopySettings DEFAULTS = new PostcopySettings(false);
}
