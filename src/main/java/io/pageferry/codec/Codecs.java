package io.pageferry.codec;

import io.pageferry.wire.CompressionMethod;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The codecs there are, by method: QEMU's {@code multifd_register_ops}. Immutable. */
public final class Codecs {
    private static final Codecs STANDARD = new Codecs(List.of(
            new PlainCodec(), new ZlibCodec(), new ZstdCodec(), new QplCodec(), new UadkCodec(), new QatzipCodec()));

    private final Map<CompressionMethod, PageCodec> byMethod = new EnumMap<>(CompressionMethod.class);

    /** Collects codecs; two for one method are a fault of ours. */
    Codecs(List<PageCodec> codecs) {
        for (PageCodec codec : codecs) {
            if (byMethod.putIfAbsent(codec.method(), codec) != null) {
                throw new IllegalArgumentException("method must have one codec: method=" + codec.method());
            }
        }
    }

    /** Those of this program. */
    public static Codecs standard() {
        return STANDARD;
    }

    /** The methods that can be asked for. */
    public Set<CompressionMethod> methods() {
        return Collections.unmodifiableSet(byMethod.keySet());
    }

    /**
     * A method's codec.
     *
     * @throws CodecException where there is none for it
     */
    public PageCodec of(CompressionMethod method) throws CodecException {
        PageCodec codec = byMethod.get(method);
        if (codec == null) {
            throw new CodecException("multifd-compression must be one of " + names() + ": method=" + method.qemuName());
        }
        return codec;
    }

    /** The methods' names, for messages. */
    public String names() {
        return String.join(
                ", ", methods().stream().map(CompressionMethod::qemuName).toList());
    }
}
