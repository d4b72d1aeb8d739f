package io.pageferry.codec;

/** Pages as they are. */
class PlainCodecTest extends PageCodecSuite {
    @Override
    PageCodec codec() {
        return new PlainCodec();
    }

    @Override
    int level() {
        return 0;
    }
}
