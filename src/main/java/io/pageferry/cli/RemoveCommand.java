package io.pageferry.cli;

import io.pageferry.config.ConfigException;
import io.pageferry.store.StoreException;
import io.pageferry.store.StoredImage;
import io.pageferry.store.folder.FolderImages;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code remove}: removes an image of a store, or all of a guest's. */
final class RemoveCommand extends ReportingCommand {
    private static final int MAX_ANSWER_BYTES = 64;

    private final Value<String> name;
    private final StoreOptions store;
    private final Value<Boolean> yes;

    RemoveCommand() {
        super(
                "remove",
                "Removes an image of a store, or all images of a guest. What is being sent, or read by another"
                        + " command, stays. A server may have the store meanwhile.");
        name = model.add(
                Value.of(String.class),
                PositionalParamSpec.builder()
                        .index("0")
                        .paramLabel("NAME")
                        .description("An image's name as list prints it, UUID/TIME; or a guest's uuid or name: all of"
                                + " its images."));
        store = new StoreOptions(model, true);
        yes = model.add(
                Value.flag(),
                OptionSpec.builder("--yes")
                        .description("Do not ask before all images of a guest are removed. Must be given where there"
                                + " is no terminal to ask at."));
    }

    @Override
    Ending run() throws IOException {
        store.isGiven();
        FolderImages images = store.images();
        List<StoredImage> meant = images.findAll(store.query(name.get()));
        if (isGuest(meant) && !yes.get() && !agreesTo(meant)) {
            return Ending.failed(
                    new StoreException("images must be removed with a yes only: images=" + meant.size()),
                    Json.object().put("status", "failed"));
        }
        List<StoredImage> removed = new ArrayList<>();
        StoreException refusal = null;
        for (StoredImage image : meant) {
            try {
                images.remove(image);
                removed.add(image);
            } catch (StoreException e) {
                refusal = e;
            }
        }
        ObjectNode json = Json.object();
        ArrayNode array = json.putArray("removed");
        removed.forEach(image -> array.add(StoredImageText.json(image)));
        if (refusal != null) {
            return Ending.failed(
                    new StoreException(refusal.getMessage() + " removed=" + removed.size() + " of=" + meant.size()),
                    json.put("status", "failed"));
        }
        return Ending.completed(
                json.put("status", "completed"),
                removed.stream()
                        .map(image -> MigrationReport.row("removed", StoredImageText.name(image)))
                        .toList());
    }

    private boolean isGuest(List<StoredImage> meant) {
        return meant.size() != 1
                || !name.get().equals(meant.getFirst().name())
                        && !name.get().equals(StoredImageText.name(meant.getFirst()));
    }

    private boolean agreesTo(List<StoredImage> meant) throws IOException {
        if (!Terminal.isStdin() || !Terminal.isStderr()) {
            throw new ConfigException("--yes must be given where there is no terminal to ask at: images=" + meant.size()
                    + " name=" + name.get());
        }
        meant.forEach(image -> System.err.println(StoredImageText.line(image)));
        System.err.print(
                "Remove " + meant.size() + " images of guest " + StoredImageText.guest(meant.getFirst()) + "? [y/N] ");
        System.err.flush();
        byte[] answer = new byte[MAX_ANSWER_BYTES];
        int length = System.in.read(answer);
        String said = new String(answer, 0, Math.max(length, 0), StandardCharsets.UTF_8).strip();
        return said.equalsIgnoreCase("y") || said.equalsIgnoreCase("yes");
    }
}
