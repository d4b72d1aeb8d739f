package io.pageferry.load.rehearsal;

/**
 * What a codec makes of a guest's pages that are not zero, on one core.
 *
 * @param wireShare bytes on the wire a byte of pages
 * @param encodeSecondsPerByte to pack a byte of pages
 * @param decodeSecondsPerByte to unpack it
 */
public record CodecCost(double wireShare, double encodeSecondsPerByte, double decodeSecondsPerByte) {
    /** Pages as they are. */
    public static final CodecCost NONE = new CodecCost(1, 0, 0);
}
