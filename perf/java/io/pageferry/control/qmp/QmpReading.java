package io.pageferry.control.qmp;

import tools.jackson.databind.JsonNode;

/** What a QMP session does with a client's bytes until it has values, or faults, of them. */
public final class QmpReading {
    private static final class Counter implements MessageReader.Handler {
        private int values;
        private int faults;

        @Override
        public void value(JsonNode value) {
            values++;
        }

        @Override
        public void fault(QmpException fault) {
            faults++;
        }
    }

    private QmpReading() {}

    /** Reads them all, and returns how many values and faults they were. */
    public static int read(byte[] bytes) {
        Counter counter = new Counter();
        MessageReader reader = new MessageReader(counter);
        for (byte octet : bytes) {
            reader.feed(Byte.toUnsignedInt(octet));
        }
        return counter.values + counter.faults;
    }
}
