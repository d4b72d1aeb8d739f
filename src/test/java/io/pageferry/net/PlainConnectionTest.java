package io.pageferry.net;

import io.pageferry.config.TlsSettings;
import java.util.Optional;

class PlainConnectionTest extends ConnectionSuite {
    @Override
    Optional<TlsSettings> tls() {
        return Optional.empty();
    }
}
