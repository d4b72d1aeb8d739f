package io.pageferry.cli;

import io.pageferry.checkpoint.CheckpointVerifier;
import io.pageferry.config.ByteSize;
import io.pageferry.image.Image;
import io.pageferry.session.MigrationStatus;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** {@code verify}: reads an image from end to end. */
final class VerifyCommand extends ReportingCommand {
    private final ImageOptions image;

    VerifyCommand() {
        super(
                "verify",
                "Reads an image from end to end: every page that must be there, and every device's state as long as the"
                        + " image says.",
                "An image has no checksums, so a page whose bytes have changed on their own is not noticed.");
        image = new ImageOptions(model);
    }

    @Override
    Ending run() throws IOException {
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
}
