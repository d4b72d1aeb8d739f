package io.pageferry.net;

import io.pageferry.testing.TlsBy;

@TlsBy(TlsBy.JSSE)
class JsseCredentialsTest extends TlsCredentialsSuite {}
