package io.pageferry.cli;

import io.pageferry.checkpoint.CheckpointVerifier;
import io.pageferry.config.ByteSize;
import io.pageferry.image.Image;
import io.pageferry.session.MigrationStatus;
import io.pageferry.store.StoreException;
import io.pageferry.store.StoredImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code verify}: reads an image from end to end. */
final class VerifyCommand extends ReportingCommand {
    private final ImageOptions image;

    VerifyCommand() {
        super(
                "verify",
                "Reads an image from end to end: every page that must be there, and every device's state as long as the"
                        + " image says.",
                "An image has no checksums, so a page whose bytes have changed on their own is not noticed.",
                "",
                "With --store and without IMAGE it reads all images of the store.",
                "");
        image = new ImageOptions(model);
    }

    @Override
    Ending run() throws IOException {
        if (image.isWholeStore()) {
            return verifyStore();
        }
        try (Image opened = image.open()) {
            CheckpointVerifier.Verified verified = CheckpointVerifier.verify(opened);
            long pageBytes = verified.pages() * opened.layout().pageSizeBytes();
            int devices = opened.deviceState().description().devices().size();
            ObjectNode json = Json.object();
            json.put("image", image.name());
            json.put("status", MigrationStatus.COMPLETED.qemuName());
            json.put("present", verified.pages());
            json.put("devices", devices);
            json.put("device-state-size", opened.deviceState().lengthBytes());
            json.put("device-state-beside-ram", verified.bytesBesideRam());
            List<String> lines = new ArrayList<>();
            lines.add(MigrationReport.row("image", image.name() + ", whole"));
            lines.add(MigrationReport.row("pages", verified.pages() + " present, " + ByteSize.format(pageBytes)));
            lines.add(MigrationReport.row(
                    "device state", ByteSize.format(opened.deviceState().lengthBytes()) + ", " + devices + " devices"));
            if (verified.bytesBesideRam() > 0) {
                lines.add(MigrationReport.row("beside RAM", ByteSize.format(verified.bytesBesideRam())));
            }
            return Ending.completed(json, lines);
        }
    }

    private Ending verifyStore() throws StoreException {
        ObjectNode json = Json.object();
        ArrayNode array = json.putArray("images");
        List<String> lines = new ArrayList<>();
        List<String> damaged = new ArrayList<>();
        for (StoredImage stored : image.store().images().all()) {
            if (!image.store().isWanted(stored)) {
                continue;
            }
            ObjectNode one = StoredImageText.json(stored);
            array.add(one);
            String name = StoredImageText.name(stored);
            try (Image opened = image.open(image.store().fileOf(stored))) {
                one.put("present", CheckpointVerifier.verify(opened).pages());
                one.put("status", MigrationStatus.COMPLETED.qemuName());
                lines.add(MigrationReport.row("image", name + ", whole"));
            } catch (IOException e) {
                damaged.add(name);
                one.put("status", MigrationStatus.FAILED.qemuName()).put("error-desc", Ending.describe(e));
            }
        }
        if (!damaged.isEmpty()) {
            return Ending.failed(
                    new StoreException(
                            "images of the store must be whole: damaged=" + damaged + " images=" + array.size()),
                    json.put("status", MigrationStatus.FAILED.qemuName()));
        }
        return Ending.completed(json.put("status", MigrationStatus.COMPLETED.qemuName()), lines);
    }
}
