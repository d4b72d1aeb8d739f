package io.pageferry.net.tls;

import io.pageferry.foreign.NativeFunctions;
import java.lang.invoke.MethodHandle;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import jdk.internal.access.JavaNioAccess;
import jdk.internal.access.SharedSecrets;

/**
 * A direct buffer that is given back when its owner says so, and not some time later by the garbage collector, which
 * does not know how large it is. What it has is not cleared: pages of it that nobody touches cost nothing.
 */
final class NativeBuffer {
    private static final JavaNioAccess NIO = SharedSecrets.getJavaNioAccess();
    private static final MethodHandle MALLOC = NativeFunctions.ofC("malloc");
    private static final MethodHandle FREE = NativeFunctions.ofC("free");

    private final long address;
    private final ByteBuffer bytes;

    NativeBuffer(int sizeBytes) {
        address = malloc(sizeBytes);
        bytes = NIO.newDirectByteBuffer(address, sizeBytes);
        BoringLibrary.held();
    }

    ByteBuffer bytes() {
        return bytes;
    }

    /** Where it begins, whatever its position. */
    long address() {
        return address;
    }

    /** Gives it back: nobody may use it any more. Once. */
    void free() {
        NativeFunctions.call(FREE, address, 0, 0, 0, 0, 0);
        BoringLibrary.givenBack();
    }

    /** Where the next byte of any direct buffer is. */
    static long addressOfNext(ByteBuffer direct) {
        return NIO.getBufferAddress((Buffer) direct) + direct.position();
    }

    private static long malloc(int sizeBytes) {
        long address = NativeFunctions.call(MALLOC, sizeBytes, 0, 0, 0, 0, 0);
        if (address == 0) {
            throw new OutOfMemoryError("no more native memory: bytes=" + sizeBytes);
        }
        return address;
    }
}
