package io.pageferry.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.LeakFree;
import io.pageferry.testing.Threads;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.channels.ClosedByInterruptException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@LeakFree
@Timeout(30)
class HostLookupTest {
    private static final HostLookup.Resolver NOBODY = name -> {
        throw new UnknownHostException(name);
    };

    /** As the system's does while a server of names does not answer. */
    @Test
    void shouldEndWhenInterruptedWhileResolverHearsOfNothing() throws Exception {
        CountDownLatch answered = new CountDownLatch(1);
        HostLookup.Resolver deaf = name -> {
            boolean done = false;
            while (!done) {
                try {
                    answered.await();
                    done = true;
                } catch (InterruptedException e) {
                    // Hears of nothing.
                }
            }
            return NOBODY.resolve(name);
        };
        CompletableFuture<Boolean> stillInterrupted = new CompletableFuture<>();
        Thread connecting = Thread.ofPlatform().name("connecting").start(() -> {
            try {
                HostLookup.addresses("a-host", deaf);
            } catch (Exception e) {
                assertInstanceOf(ClosedByInterruptException.class, e);
                stillInterrupted.complete(Thread.currentThread().isInterrupted());
            }
        });
        try {
            Threads.awaitParked(connecting);
            connecting.interrupt();
            assertTrue(stillInterrupted.get());
        } finally {
            answered.countDown();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void shouldAskNobodyWhenHostIsAnAddress(String address) throws Exception {
        assertArrayEquals(new InetAddress[] {InetAddress.ofLiteral(address)}, HostLookup.addresses(address, NOBODY));
    }

    @Test
    void shouldSayWhenNobodyKnowsTheHost() {
        assertThrows(UnknownHostException.class, () -> HostLookup.addresses("a-host", NOBODY));
    }

    @Test
    void shouldTakeAllAddressesThatTheResolverKnows() throws Exception {
        InetAddress[] known = {InetAddress.ofLiteral("127.0.0.1"), InetAddress.ofLiteral("::1")};
        assertArrayEquals(known, HostLookup.addresses("a-host", name -> known));
    }

    @Test
    void shouldFindThisHostWhenNoneIsNamed() throws Exception {
        for (InetAddress address : HostLookup.addresses("")) {
            assertTrue(address.isLoopbackAddress());
        }
    }
}
