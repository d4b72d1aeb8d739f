package io.pageferry.net.tls;

import io.pageferry.testing.TlsBy;

@TlsBy(TlsBy.BORINGSSL)
class BoringCredentialsTest extends TlsCredentialsSuite {}
