package io.pageferry.qemu;

import io.pageferry.testing.TlsBy;

@TlsBy(TlsBy.JSSE)
class TlsX509JsseIT extends TlsX509Suite {}
