package io.pageferry.testing;

import io.pageferry.stream.DeviceState;
import io.pageferry.stream.StreamOutput;
import java.io.ByteArrayOutputStream;
import java.io.IOException;

/** Device states to be compared. */
public final class DeviceStates {
    private DeviceStates() {}

    /** All bytes of one. */
    public static byte[] bytes(DeviceState state) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        StreamOutput out = new StreamOutput(bytes -> {
            byte[] part = new byte[bytes.remaining()];
            bytes.get(part);
            all.writeBytes(part);
        });
        state.write(out);
        out.flush();
        return all.toByteArray();
    }
}
