package io.pageferry.control.http;

import io.pageferry.config.ConfigException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;

/** The secret that clients show: {@code Authorization: Bearer TOKEN}. Immutable, and never in a text. */
public final class Token {
    private static final String SCHEME = "Bearer ";
    private static final int MAX_FILE_BYTES = 4096;

    /** What nobody guesses over a network, even where it is only of hexadecimal digits. */
    private static final int MIN_LENGTH = 16;

    private final byte[] secret;

    private Token(String secret) {
        this.secret = secret.getBytes(StandardCharsets.US_ASCII);
    }

    /** Reads the one line of a file. */
    public static Token read(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return of(new String(in.readNBytes(MAX_FILE_BYTES), StandardCharsets.ISO_8859_1).strip());
        } catch (IOException e) {
            throw new ConfigException("http-token-file must be a file that can be read: value=" + file);
        }
    }

    public static Token of(String secret) {
        if (secret.length() < MIN_LENGTH || !secret.matches("[!-~]+")) {
            throw new ConfigException("http token must be one line of at least " + MIN_LENGTH
                    + " characters of ASCII without spaces: length=" + secret.length());
        }
        return new Token(secret);
    }

    /** Takes as long for one that is nearly right as for any. */
    boolean isIn(String authorization) {
        return authorization != null
                && authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
                && MessageDigest.isEqual(
                        secret, authorization.substring(SCHEME.length()).strip().getBytes(StandardCharsets.ISO_8859_1));
    }
}
