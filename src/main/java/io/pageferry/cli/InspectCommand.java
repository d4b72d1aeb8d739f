package io.pageferry.cli;

import io.pageferry.config.ByteSize;
import io.pageferry.image.Image;
import io.pageferry.memory.RamBlock;
import io.pageferry.stream.Configuration;
import io.pageferry.stream.VmDescription;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code inspect}: says what an image has. */
final class InspectCommand extends ReportingCommand {
    private final ImageOptions image;

    InspectCommand() {
        super("inspect", "Says what an image has: machine, capabilities, RAM blocks, devices.");
        image = new ImageOptions(model);
    }

    @Override
    Ending run() throws IOException {
        try (Image opened = image.open()) {
            return Ending.completed(toJson(opened), toLines(opened));
        }
    }

    private ObjectNode toJson(Image opened) throws IOException {
        ObjectNode root = Json.object();
        root.put("image", image.name());
        root.put("machine", opened.configuration().machineType().name());
        ArrayNode capabilities = root.putArray("capabilities");
        opened.configuration().capabilities().forEach(capabilities::add);
        opened.configuration().uuid().ifPresent(uuid -> root.put("uuid", uuid.toString()));
        root.put("page-size", opened.layout().pageSizeBytes());
        root.put("file-size", opened.fileBytes());
        ObjectNode ram = root.putObject("ram");
        ram.put("total", opened.layout().totalBytes());
        ArrayNode blocks = ram.putArray("blocks");
        for (RamBlock block : opened.layout().blocks()) {
            long present = opened.present(block).count();
            blocks.addObject()
                    .put("name", block.name())
                    .put("size", block.lengthBytes())
                    .put("pages", block.pages())
                    .put("present", present)
                    .put("zero", block.pages() - present);
        }
        root.put("device-state-size", opened.deviceState().lengthBytes());
        ArrayNode devices = root.putArray("devices");
        for (VmDescription.Device device : opened.deviceState().description().devices()) {
            devices.addObject()
                    .put("name", device.name())
                    .put("instance-id", device.instanceId())
                    .put("version", device.versionId())
                    .put("fields", device.fields());
        }
        besideRam(opened)
                .forEach((device, bytes) -> root.withArray("device-state-beside-ram")
                        .addObject()
                        .put("device", device)
                        .put("size", bytes));
        return root;
    }

    /** How much state each device has beside RAM. */
    private static Map<String, Long> besideRam(Image opened) {
        Map<String, Long> devices = new LinkedHashMap<>();
        opened.deviceStateBesideRam()
                .pieces()
                .forEach(piece -> devices.merge(piece.device(), (long) piece.lengthBytes(), Long::sum));
        return devices;
    }

    private List<String> toLines(Image opened) throws IOException {
        List<String> lines = new ArrayList<>();
        lines.add(MigrationReport.row("image", image.name() + ", " + ByteSize.format(opened.fileBytes())));
        lines.add(MigrationReport.row(
                "machine", opened.configuration().machineType().name()));
        lines.add(MigrationReport.row(
                "capabilities", String.join(", ", opened.configuration().capabilities())));
        if (opened.configuration().hasCapability(Configuration.IGNORE_SHARED)) {
            lines.add(MigrationReport.row(
                    "", "the RAM of shared blocks is not in the image but in their files; only pageferry sends it"));
        }
        if (opened.configuration().hasCapability(Configuration.DEVICE_STATE)) {
            lines.add(MigrationReport.row("", "devices have state beside RAM, see below; only pageferry sends it"));
        }
        opened.configuration().uuid().ifPresent(uuid -> lines.add(MigrationReport.row("uuid", uuid.toString())));
        lines.add(MigrationReport.row(
                "RAM",
                ByteSize.format(opened.layout().totalBytes()) + " in pages of "
                        + ByteSize.format(opened.layout().pageSizeBytes())));
        lines.add("");
        lines.add(String.format(Locale.ROOT, "%-28s %12s %12s %12s", "block", "size", "present", "zero"));
        for (RamBlock block : opened.layout().blocks()) {
            long present = opened.present(block).count();
            lines.add(String.format(
                    Locale.ROOT,
                    "%-28s %12s %12d %12d",
                    block.name(),
                    ByteSize.format(block.lengthBytes()),
                    present,
                    block.pages() - present));
        }
        lines.add("");
        List<VmDescription.Device> devices = opened.deviceState().description().devices();
        lines.add(MigrationReport.row(
                "device state",
                ByteSize.format(opened.deviceState().lengthBytes()) + ", " + devices.size() + " devices"));
        for (VmDescription.Device device : devices) {
            String instance = device.instanceId() == 0 ? "" : " #" + device.instanceId();
            lines.add("  " + device.name() + instance);
        }
        Map<String, Long> besideRam = besideRam(opened);
        if (!besideRam.isEmpty()) {
            lines.add("");
            lines.add(MigrationReport.row("beside RAM", besideRam.size() + " devices"));
            besideRam.forEach((device, bytes) -> lines.add("  " + device + ", " + ByteSize.format(bytes)));
        }
        return lines;
    }
}
