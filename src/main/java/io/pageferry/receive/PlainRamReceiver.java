package io.pageferry.receive;

import io.pageferry.codec.PageInflater;
import io.pageferry.codec.XbzrleDecoder;
import io.pageferry.memory.RamBlock;
import io.pageferry.metrics.MigrationStats;
import io.pageferry.stream.RamBlockEntry;
import io.pageferry.stream.StreamInput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Takes in the RAM of a migration without multifd channels: all pages come among the records of the main stream. Of the
 * main thread.
 */
final class PlainRamReceiver implements GuestRam {
    private final GuestOpener.OfBlocks opener;
    private final RamInput in;
    private final MigrationStats stats;

    private IncomingGuest guest;
    private StreamPages pages;
    private PageInflater inflater; // made for the first page that is compressed
    private ByteBuffer encoded;

    PlainRamReceiver(GuestOpener.OfBlocks opener, RamInput in, MigrationStats stats) {
        this.opener = opener;
        this.in = in;
        this.stats = stats;
    }

    @Override
    public IncomingGuest guest() {
        return guest;
    }

    @Override
    public void blocks(List<RamBlockEntry> entries) throws IOException {
        guest = opener.open(entries);
        pages = StreamPages.into(guest.sink());
        in.broughtPage(); // once: to open it may have taken long
    }

    @Override
    public void zeroPage(int block, long offset) throws IOException, InterruptedException {
        pages.addZero(block(block), offset);
        in.broughtPage();
        stats.mainDuplicate.increment();
    }

    @Override
    public void page(int block, long offset, StreamInput stream) throws IOException, InterruptedException {
        stream.read(pages.add(block(block), offset), "page");
        hasCome();
    }

    @Override
    public boolean takesEncodedPages() {
        return true;
    }

    @Override
    public void xbzrlePage(int block, long offset, int lengthBytes, StreamInput stream)
            throws IOException, InterruptedException {
        ByteBuffer changes = read(stream, lengthBytes);
        try {
            XbzrleDecoder.decode(changes, pages.addAgain(block(block), offset));
        } catch (IOException e) {
            throw broken(block, offset, stream, e);
        }
        hasCome();
    }

    @Override
    public void compressedPage(int block, long offset, int lengthBytes, StreamInput stream)
            throws IOException, InterruptedException {
        ByteBuffer compressed = read(stream, lengthBytes);
        if (inflater == null) {
            inflater = PageInflater.ofZlib();
        }
        try {
            inflater.inflate(compressed, pages.add(block(block), offset));
        } catch (IOException e) {
            throw broken(block, offset, stream, e);
        }
        hasCome();
    }

    private ByteBuffer read(StreamInput stream, int lengthBytes) throws IOException {
        if (encoded == null) {
            encoded = ByteBuffer.allocateDirect(2 * guest.layout().pageSizeBytes());
        }
        stream.read(encoded.clear().limit(lengthBytes), "compressed page");
        return encoded.flip();
    }

    private ReceiveException broken(int block, long offset, StreamInput stream, IOException why) {
        return new ReceiveException(why.getMessage() + " block=" + block(block).name() + " pageOffset=0x"
                + Long.toHexString(offset) + " position=" + stream.position());
    }

    private RamBlock block(int index) {
        return guest.layout().block(index);
    }

    private void hasCome() {
        in.broughtPage();
        stats.mainNormal.increment();
    }

    @Override
    public void multifdFlush() throws IOException {
        throw new ReceiveException("stream without multifd channels must have no sync of them: position="
                + in.stream().position());
    }

    @Override
    public void endOfSection() throws IOException, InterruptedException {
        pages.write();
        in.countBytes(stats.mainBytes);
    }

    @Override
    public void close() {
        if (pages != null) {
            pages.close();
        }
        if (inflater != null) {
            inflater.close();
        }
    }
}
