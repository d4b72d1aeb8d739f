package io.pageferry.net;

import java.io.FileDescriptor;
import java.io.IOException;
import java.util.function.BooleanSupplier;
import sun.nio.ch.IOUtil;
import sun.nio.ch.SelChImpl;
import sun.nio.ch.SelectionKeyImpl;

/**
 * Another number for the socket of a channel, to wait at it as the JDK's own channels do: a virtual thread parks and holds up nobody. At the first number one thread
 * may wait for each kind of event, and there somebody reads already. Does not own what it numbers.
 */
final class SecondDescriptor implements SelChImpl {
    private final int number;
    private final FileDescriptor descriptor;
    private final BooleanSupplier open;

    /**
     * Takes a number.
     *
     * @param open whether waiting still makes sense
     */
    SecondDescriptor(int number, BooleanSupplier open) {
        this.number = number;
        this.descriptor = IOUtil.newFD(number);
        this.open = open;
    }

    @Override
    public FileDescriptor getFD() {
        return descriptor;
    }

    @Override
    public int getFDVal() {
        return number;
    }

    @Override
    public boolean isOpen() {
        return open.getAsBoolean();
    }

    @Override
    public boolean translateAndUpdateReadyOps(int operations, SelectionKeyImpl key) {
        throw notSelectable();
    }

    @Override
    public boolean translateAndSetReadyOps(int operations, SelectionKeyImpl key) {
        throw notSelectable();
    }

    @Override
    public int translateInterestOps(int operations) {
        throw notSelectable();
    }

    private static UnsupportedOperationException notSelectable() {
        return new UnsupportedOperationException("not for selectors");
    }

    @Override
    public void kill() {
        // Its owner does.
    }

    @Override
    public void close() throws IOException {
        // Its owner does.
    }
}
