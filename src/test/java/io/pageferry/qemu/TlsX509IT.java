package io.pageferry.qemu;

import io.pageferry.testing.TlsBy;

@TlsBy(TlsBy.BORINGSSL)
class TlsX509IT extends TlsX509Suite {}
