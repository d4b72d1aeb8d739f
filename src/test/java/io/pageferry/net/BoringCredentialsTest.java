package io.pageferry.net;

import io.pageferry.testing.TlsBy;

@TlsBy(TlsBy.BORINGSSL)
class BoringCredentialsTest extends TlsCredentialsSuite {}
