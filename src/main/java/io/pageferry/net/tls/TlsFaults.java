package io.pageferry.net.tls;

import io.pageferry.net.NetException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;
import org.bouncycastle.tls.AlertDescription;

/** What can go wrong in a TLS session, in the words that a user needs. Immutable. */
final class TlsFaults {
    private static final Pattern ALERT = Pattern.compile("Received fatal alert: (\\w+)");
    private static final Pattern EMPTY_CHAIN = Pattern.compile("Empty client certificate chain");

    /** Of these BoringSSL does not take one more. */
    private static final int BORINGSSL_EMPTY_RECORDS = 33;

    private final boolean server;

    TlsFaults(boolean server) {
        this.server = server;
    }

    static boolean isTls13(SSLSession session) {
        return session.getProtocol().equals("TLSv1.3");
    }

    /** Checks how what came begins, before somebody tries to read it as a record. */
    void requireTls(ByteBuffer received) throws TlsException {
        if (received.remaining() < TlsRecord.FIRST_BYTES) {
            return;
        }
        int firstBytes = received.getInt(received.position());
        if (!TlsRecord.isBeginning(firstBytes)) {
            byte[] text = new byte[TlsRecord.FIRST_BYTES];
            received.get(received.position(), text);
            throw new TlsException(
                    "peer must speak TLS, set tls-creds on both ends or on none",
                    String.format(
                            "firstBytes=0x%08x (\"%s\")",
                            firstBytes, new String(text, StandardCharsets.ISO_8859_1).replaceAll("[^ -~]", ".")));
        }
    }

    TlsException closedInHandshake() {
        return new TlsException(
                server
                        ? "client must not close before the TLS handshake is done, its log says why"
                        : "server must not close before the TLS handshake is done, its log says why: tls-creds may be"
                                + " missing there",
                "awaited=\"TLS handshake\"");
    }

    TlsException closedInRecord(int gotBytes) {
        return new TlsException("peer must not close inside a TLS record", "got=" + gotBytes);
    }

    TlsException truncated() {
        return new TlsException(
                "peer must end its TLS session before it closes, the connection may have been cut",
                "awaited=close_notify");
    }

    TlsException tooManyEmptyRecords(String howMuch) {
        return new TlsException(
                "peer must not send TLS records without data again and again", "silent=\"" + howMuch + "\"");
    }

    TlsException alertReceived(String alert, Exception cause) {
        return new TlsException("peer must not refuse the TLS session, its log says why", "alert=" + alert, cause);
    }

    TlsException protocolError(String reason, Exception cause) {
        return new TlsException("TLS must be agreed on and kept to", "reason=\"" + reason + "\"", cause);
    }

    /** What an engine's failure means. */
    TlsException describe(SSLException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof PeerCheck.Refusal refusal) {
                return refusal.toTlsException();
            }
        }
        String message = NetException.reason(e);
        Matcher alert = ALERT.matcher(message);
        if (alert.find()) {
            return alertReceived(alert.group(1), e);
        }
        if (EMPTY_CHAIN.matcher(message).find()) {
            return noCertificate(e);
        }
        return protocolError(message.replaceAll("\\s+", " "), e);
    }

    /** What BoringSSL's failure means. */
    TlsException describe(BoringException e) {
        if (e.isAlert()) {
            return alertReceived(AlertDescription.getName(e.alert()), e);
        }
        return switch (e.reason()) {
            case "PEER_DID_NOT_RETURN_A_CERTIFICATE" -> noCertificate(e);
            case "NO_RENEGOTIATION" -> renegotiation();
            case "TOO_MANY_KEY_UPDATES", "TOO_MANY_EMPTY_FRAGMENTS", "TOO_MANY_WARNING_ALERTS" ->
                tooManyEmptyRecords(BORINGSSL_EMPTY_RECORDS + " records");
            case "PROTOCOL_IS_SHUTDOWN" -> sessionClosed();
            case "ENCRYPTED_LENGTH_TOO_LONG", "DATA_LENGTH_TOO_LONG" -> recordTooLarge();
            default -> protocolError(e.reason().toLowerCase(Locale.ROOT).replace('_', ' '), e);
        };
    }

    /** Why we do not take a peer's certificate. */
    TlsException certificateRefused(Exception objection) {
        return objection instanceof PeerCheck.Refusal refusal
                ? refusal.toTlsException()
                : protocolError(NetException.reason(objection), objection);
    }

    private static TlsException noCertificate(Exception cause) {
        return new TlsException("client must have a certificate, or verify-peer must be off here", "", cause);
    }

    TlsException renegotiation() {
        return new TlsException("peer must not begin another TLS handshake", "");
    }

    TlsException recordTooLarge() {
        return new TlsException("peer's TLS record must not be larger than TLS allows", "");
    }

    TlsException sessionClosed() {
        return new TlsException("TLS session must not have ended", "during=write");
    }
}
