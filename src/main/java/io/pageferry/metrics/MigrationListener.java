package io.pageferry.metrics;

/** Is told what QEMU has events for, on the migration's own threads: it must return at once, and throw nothing. */
public interface MigrationListener {
    /** Who does not listen. */
    MigrationListener NOBODY = new MigrationListener() {
        @Override
        public void state(String name) {}

        @Override
        public void pass(long number) {}
    };

    /** The migration has another state: {@code MIGRATION}. */
    void state(String name);

    /** A round begins: {@code MIGRATION_PASS}. Counts up from 1. */
    void pass(long number);
}
