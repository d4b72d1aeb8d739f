package io.pageferry.net.tls;

import io.pageferry.testing.TlsBy;

@TlsBy(TlsBy.JSSE)
class JsseCredentialsTest extends TlsCredentialsSuite {}
