package io.pageferry.cli;

import io.pageferry.config.ConfigException;
import io.pageferry.store.Retention;
import io.pageferry.store.StoreException;
import io.pageferry.store.StoredImage;
import io.pageferry.store.folder.FolderImages;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Model.OptionSpec;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code prune}: removes what a server's retention would. */
final class PruneCommand extends ReportingCommand {
    private final StoreOptions store;
    private final Value<Integer> keep;
    private final Value<Duration> keepFor;
    private final Value<Boolean> dryRun;

    PruneCommand() {
        super(
                "prune",
                "Removes images of a store that are too many of their guest, or too old, as serve does with the same"
                        + " options. A guest's newest image stays, and so does what is being sent or read, what has"
                        + " no uuid, and what an operator gave its name. A server may have the store meanwhile.");
        store = new StoreOptions(model, true);
        keep = model.add(
                Value.of(Integer.class),
                OptionSpec.builder("--keep")
                        .paramLabel("N")
                        .defaultValue("0")
                        .description("How many images of each guest to keep, the newest ones; 0: all (default)."));
        keepFor = model.add(
                Value.of(Duration.class),
                OptionSpec.builder("--keep-for")
                        .paramLabel("DURATION")
                        .converters(new MigrationOptions.DurationConverter())
                        .description("How old images may become, but for a guest's newest (default: any age)."));
        dryRun = model.add(
                Value.flag(),
                OptionSpec.builder("--dry-run").description("Say what would be removed, and remove nothing."));
    }

    @Override
    Ending run() throws StoreException {
        store.isGiven();
        if (keep.get() < 0) {
            throw new ConfigException("--keep must be 0 at least: value=" + keep.get());
        }
        if (keep.get() == 0 && keepFor.get() == null) {
            throw new ConfigException("--keep or --keep-for must say what need not be kept");
        }
        FolderImages images = store.images();
        Map<StoredImage, String> surplus =
                images.surplus(new Retention(keep.get(), Optional.ofNullable(keepFor.get())), Instant.now());
        ObjectNode json = Json.object().put("status", "completed").put("dry-run", dryRun.get());
        ArrayNode removed = json.putArray("removed");
        ArrayNode inUse = json.putArray("in-use");
        List<String> lines = new ArrayList<>();
        for (Map.Entry<StoredImage, String> one : surplus.entrySet()) {
            StoredImage image = one.getKey();
            if (!store.isWanted(image)) {
                continue;
            }
            ObjectNode described = StoredImageText.json(image).put("reason", one.getValue());
            try {
                if (!dryRun.get()) {
                    images.remove(image);
                }
                removed.add(described);
                lines.add(row(dryRun.get() ? "would remove" : "removed", image, one.getValue()));
            } catch (StoreException e) {
                inUse.add(described.put("error-desc", e.getMessage()));
                lines.add(row("in use", image, one.getValue()));
            }
        }
        return Ending.completed(json, lines);
    }

    private static String row(String what, StoredImage image, String reason) {
        return MigrationReport.row(what, StoredImageText.name(image) + ", " + reason);
    }
}
