package io.pageferry.qemu;

import io.pageferry.testing.Slow;
import io.pageferry.testing.TlsBy;

@Slow
@TlsBy(TlsBy.JSSE)
class TlsX509JsseIT extends TlsX509Suite {}
