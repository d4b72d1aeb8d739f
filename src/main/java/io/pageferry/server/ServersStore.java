package io.pageferry.server;

import io.pageferry.control.http.StoreFigures;
import io.pageferry.store.ImageStore;
import io.pageferry.store.StoredImage;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;

/**
 * How a server's store is, for those who look at it.
 *
 * @param images the store
 */
public record ServersStore(ImageStore images) implements StoreFigures {
    @Override
    public long freeBytes() throws IOException {
        return images.freeBytes();
    }

    @Override
    public long imageBytes() {
        return images.imageBytes();
    }

    @Override
    public List<Newest> newest(int most) {
        return images.newestOfGuests().stream()
                .sorted(Comparator.comparing(StoredImage::completed).reversed())
                .limit(most)
                .map(image -> new Newest(image.guest().orElseThrow(), image.owner(), image.completed()))
                .toList();
    }

    @Override
    public void remove(String image) throws IOException {
        images.remove(image);
    }
}
