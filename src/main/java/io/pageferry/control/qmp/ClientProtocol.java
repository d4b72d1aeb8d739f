package io.pageferry.control.qmp;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * How a client begins. Only one that begins with an object is listened to.
 *
 * <p>A page in a browser chooses what stands in a request, its method too, but not what a request begins with: a method
 * is a token of RFC 9110, which has no brace. A lexer that goes on behind what is broken, as QEMU's does, would skip
 * the request's head and obey its body. So would be obeyed whatever else can be made to connect here: WebSockets begin
 * with GET, HTTP/2 with PRI, {@code https:} with a record of TLS, {@code turn:} with a message of STUN.
 */
enum ClientProtocol {
    /** Nothing yet, but blanks, or the bytes FE and FF that clients send to be rid of what came before. */
    BLANK(""),
    QMP(""),
    HTTP("qmp-http"),
    TLS("qmp-tls"),
    OTHER("qmp-no-json");

    /** As much as says what somebody is, and nothing of what it keeps to itself. */
    private static final int SHOWN_BYTES = 16;

    /** A method and the blank behind it. */
    private static final Pattern REQUEST = Pattern.compile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+ ");

    private static final int TLS_HANDSHAKE = 22;
    private static final int TLS_MAJOR_VERSION = 3;

    private final String reason;

    ClientProtocol(String reason) {
        this.reason = reason;
    }

    /** What those who are refused for this are counted under. */
    String reason() {
        return reason;
    }

    boolean isRefused() {
        return this != BLANK && this != QMP;
    }

    /** Looks at what has come, from position to limit. */
    static ClientProtocol of(ByteBuffer received) {
        for (int i = received.position(); i < received.limit(); i++) {
            int octet = Byte.toUnsignedInt(received.get(i));
            if (octet == '{') {
                return QMP;
            }
            if (!isBlank(octet)) {
                return otherThanQmp(received, i);
            }
        }
        return BLANK;
    }

    private static boolean isBlank(int octet) {
        return octet == ' ' || octet == '\t' || octet == '\r' || octet == '\n' || octet >= 0xfe;
    }

    private static ClientProtocol otherThanQmp(ByteBuffer received, int first) {
        boolean more = received.limit() - first > 1;
        if (received.get(first) == TLS_HANDSHAKE && (!more || received.get(first + 1) == TLS_MAJOR_VERSION)) {
            return TLS;
        }
        return REQUEST.matcher(text(received, first, received.limit() - first)).find() ? HTTP : OTHER;
    }

    /** The first bytes, for a line in the log. */
    static String show(ByteBuffer received) {
        int length = Math.min(SHOWN_BYTES, received.remaining());
        return text(received, received.position(), length).replaceAll("[^ -~]|\"", ".");
    }

    private static String text(ByteBuffer received, int start, int length) {
        byte[] bytes = new byte[length];
        received.get(start, bytes);
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
