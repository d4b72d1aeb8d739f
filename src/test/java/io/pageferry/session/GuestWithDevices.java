package io.pageferry.session;

import io.pageferry.send.OutgoingGuest;
import io.pageferry.stream.DeviceStateMemory;
import io.pageferry.stream.DeviceStatePiece;
import io.pageferry.stream.DeviceStateSource;
import io.pageferry.testing.ForwardingGuest;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** A guest whose devices have state that goes beside its RAM: each so many pieces of random length and content. */
record GuestWithDevices(OutgoingGuest guest, DeviceStateMemory devices) implements ForwardingGuest {
    static GuestWithDevices of(OutgoingGuest guest, int devices, int pieces, int longestBytes) throws Exception {
        DeviceStateMemory memory = new DeviceStateMemory();
        Random random = new Random(devices);
        for (int piece = 0; piece < pieces; piece++) {
            for (int device = 0; device < devices; device++) {
                byte[] content = new byte[1 + random.nextInt(longestBytes)];
                random.nextBytes(content);
                memory.take(
                        new DeviceStatePiece("0000:00:0" + device % 7 + ".0/device", device / 7, content.length),
                        into -> into.put(content));
            }
        }
        return new GuestWithDevices(guest, memory);
    }

    /**
     * What there is of each device. Between the channels there is no order, so its pieces have none that could be
     * compared.
     */
    static Map<String, List<String>> contents(DeviceStateSource source) throws Exception {
        Map<String, List<String>> contents = new TreeMap<>();
        for (int i = 0; i < source.pieces().size(); i++) {
            DeviceStatePiece piece = source.pieces().get(i);
            ByteBuffer content = ByteBuffer.allocate(piece.lengthBytes());
            source.read(i, 0, content);
            contents.computeIfAbsent(piece.device(), device -> new ArrayList<>())
                    .add(piece.lengthBytes() + " bytes, hash " + Arrays.hashCode(content.array()));
        }
        contents.values().forEach(list -> list.sort(null));
        return contents;
    }

    @Override
    public DeviceStateSource deviceStateBesideRam() {
        return devices;
    }
}
