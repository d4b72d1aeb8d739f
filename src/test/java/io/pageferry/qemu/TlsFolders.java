package io.pageferry.qemu;

import io.pageferry.testing.TlsAuthority;
import io.pageferry.testing.TlsAuthority.Identity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Credentials for both ends, in folders as {@code tls-creds} has them. Made once for a class of tests. */
final class TlsFolders {
    /** A client's name as QEMU says it. */
    static final String CLIENT = "CN=client,O=Pageferry Tests";

    /** Any name that no machine here has. */
    static final String OTHER_HOST = "qemu.org";

    private static final String KEY = "009d5638c40fde0c";
    private static final String OTHER_KEY = "10ffa6a2c42f0388";

    private final Path root;
    private final TlsAuthority authority;
    private final TlsAuthority otherAuthority;

    private TlsFolders(Path root) {
        this.root = root;
        this.authority = TlsAuthority.create(root, "authority");
        this.otherAuthority = TlsAuthority.create(root, "other-authority");
    }

    static TlsFolders create(Path root) throws IOException {
        TlsFolders folders = new TlsFolders(root);
        // keytool takes a name beginning with its last part, and writes it into the certificate the other way round.
        Identity client = folders.authority.client("O=Pageferry Tests,CN=client");
        folders.authority.server("ip:127.0.0.1", "dns:localhost").toServer(folders.folder("default-host"));
        client.toClient(folders.folder("default-host"));
        folders.authority.server("dns:" + OTHER_HOST).toServer(folders.folder("other-host"));
        client.toClient(folders.folder("other-host"));
        folders.folder("no-certificate");
        folders.otherAuthority.client("O=Pageferry Tests,CN=client").toClient(folders.folder("other-ca-client"));
        Files.writeString(folders.bare("psk").resolve("keys.psk"), "qemu:" + KEY + "\noperator:00ff" + KEY + "\n");
        Files.writeString(folders.bare("other-psk").resolve("keys.psk"), "qemu:" + OTHER_KEY + "\n");
        return folders;
    }

    private Path folder(String name) throws IOException {
        Path folder = bare(name);
        authority.writeTo(folder);
        return folder;
    }

    private Path bare(String name) throws IOException {
        return Files.createDirectories(root.resolve(name));
    }

    /** A server for 127.0.0.1 and a client, of one CA. */
    Path defaultHost() {
        return root.resolve("default-host");
    }

    /** The same with a server for {@link #OTHER_HOST}. */
    Path otherHost() {
        return root.resolve("other-host");
    }

    /** A client without a certificate. */
    Path noCertificate() {
        return root.resolve("no-certificate");
    }

    /** A client that trusts the CA, and has a certificate of another one. */
    Path otherCaClient() {
        return root.resolve("other-ca-client");
    }

    Path psk() {
        return root.resolve("psk");
    }

    Path otherPsk() {
        return root.resolve("other-psk");
    }
}
