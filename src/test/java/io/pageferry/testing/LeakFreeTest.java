package io.pageferry.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.memory.MemoryRegion;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The check that all leak tests rely on must itself notice. */
@Timeout(30)
class LeakFreeTest {
    @Test
    void shouldFindVirtualThreadWhileItRuns() throws Exception {
        ProcessResources before = ProcessResources.now();
        CountDownLatch end = new CountDownLatch(1);
        Thread thread = Thread.ofVirtual().name("left behind").start(() -> {
            try {
                end.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        assertFinds("\"left behind\"", before);
        end.countDown();
        thread.join();
        assertEquals(Set.of(), ProcessResources.now().since(before));
    }

    @Test
    void shouldFindSocketWhileItIsOpen() throws Exception {
        ProcessResources before = ProcessResources.now();
        try (ServerSocketChannel socket = ServerSocketChannel.open().bind(new InetSocketAddress("127.0.0.1", 0))) {
            assertTrue(socket.isOpen());
            assertFinds("socket:", before);
        }
        assertEquals(Set.of(), ProcessResources.now().since(before));
    }

    @Test
    void shouldFindMemoryRegionWhileItIsMapped() throws Exception {
        ProcessResources before = ProcessResources.now();
        try (MemoryRegion region = MemoryRegion.allocate(4096)) {
            assertEquals(4096, region.segment().byteSize());
            assertFinds("memory regions", before);
        }
        assertEquals(Set.of(), ProcessResources.now().since(before));
    }

    private static void assertFinds(String what, ProcessResources before) {
        Set<String> more = ProcessResources.now().since(before);
        assertTrue(more.stream().anyMatch(name -> name.contains(what)), more.toString());
    }
}
