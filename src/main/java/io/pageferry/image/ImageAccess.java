package io.pageferry.image;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * Who may read images: a guest's memory has its keys. The process's umask has no say. Immutable.
 *
 * <p>A file or folder is its owner's alone when it is made, and opened for a group later, if at all. A file that takes
 * the place of another one never allows what that did not.
 */
public final class ImageAccess {
    /** Images are of mode 0600, folders of mode 0700. */
    public static final ImageAccess OWNER = new ImageAccess(permissions("rw-------"), Optional.empty());

    private static final Set<PosixFilePermission> CREATED = permissions("rw-------");
    private static final Set<PosixFilePermission> FOLDER_CREATED = permissions("rwx------");
    private static final Set<PosixFilePermission> FOLDER_OF_GROUP = permissions("rwxr-x---");

    private final Set<PosixFilePermission> mode;
    private final Optional<GroupPrincipal> group;

    private ImageAccess(Set<PosixFilePermission> mode, Optional<GroupPrincipal> group) {
        this.mode = mode;
        this.group = group;
    }

    /**
     * Images that others than their owner may read.
     *
     * @param mode the images' mode in octal: 0600, 0640, 0400 or 0440. Folders are of mode 0750 where a group may read,
     *     else of 0700
     * @param group the name or the number of the group that images and folders get; null: the one that new files have
     * @throws ImageException where the mode is another one, or there is no such group
     */
    public static ImageAccess of(String mode, String group) throws ImageException {
        Set<PosixFilePermission> permissions = switch (mode.replaceFirst("^0+(?=.)", "")) {
            case "600" -> permissions("rw-------");
            case "640" -> permissions("rw-r-----");
            case "400" -> permissions("r--------");
            case "440" -> permissions("r--r-----");
            default -> throw new ImageException("image-mode must be 0600, 0640, 0400 or 0440: image-mode=" + mode);
        };
        return new ImageAccess(permissions, group == null ? Optional.empty() : Optional.of(lookUp(group)));
    }

    private static GroupPrincipal lookUp(String group) throws ImageException {
        try {
            return FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByGroupName(group);
        } catch (UserPrincipalNotFoundException e) {
            throw new ImageException("image-group must be a group of this machine: image-group=" + group, e);
        } catch (IOException e) {
            throw new ImageException(
                    "image-group must be one that can be looked up: image-group=" + group + " reason=\"" + e + "\"", e);
        }
    }

    /** Makes a new file that its owner alone may read and write; fails where there is anything of that name. */
    public static void create(Path file) throws IOException {
        Files.createFile(file, attribute(CREATED));
        widenTo(file, CREATED);
    }

    /**
     * Makes sure that there is a file, which its owner alone may read and write where it is new: the store's own, that
     * has nothing for a group.
     */
    public static void createWhereMissing(Path file) throws IOException {
        try {
            create(file);
        } catch (FileAlreadyExistsException e) {
            // It stays as it is.
        }
    }

    void createFolder(Path folder) throws IOException {
        Files.createDirectory(folder, attribute(FOLDER_CREATED));
        widenTo(folder, FOLDER_CREATED);
    }

    /** The umask may have taken even the owner's away. */
    private static void widenTo(Path path, Set<PosixFilePermission> wanted) {
        try {
            if (!Files.getPosixFilePermissions(path).equals(wanted)) {
                Files.setPosixFilePermissions(path, wanted);
            }
        } catch (IOException e) {
            // A file system without modes, where the mount says who may do what; or it has gone. What matters is found
            // out soon.
        }
    }

    /** Lets the group in that may read. */
    void openFolder(Path folder) throws IOException {
        giveToGroup(folder);
        if (mode.contains(PosixFilePermission.GROUP_READ)) {
            Files.setPosixFilePermissions(folder, FOLDER_OF_GROUP);
        }
    }

    /**
     * Gives a file to the group, which may do nothing with it yet.
     *
     * @throws ImageException where the process may not do that
     */
    public void giveToGroup(Path file) throws ImageException {
        if (group.isPresent()) {
            try {
                view(file).setGroup(group.get());
            } catch (IOException e) {
                throw new ImageException(
                        "image-group must be one that files can be given to: image-group="
                                + group.get().getName() + " file=" + file + " reason=\"" + ImageException.reason(e)
                                + "\"",
                        e);
            }
        }
    }

    /** Gives a file the mode that it shall have when it takes the place of another one, or a new place. */
    void finish(Path file, Path target) throws IOException {
        Set<PosixFilePermission> wanted = EnumSet.copyOf(mode);
        if (Files.exists(target)) {
            PosixFileAttributes old = view(target).readAttributes();
            wanted.retainAll(old.permissions());
            if (group.isEmpty() && wanted.contains(PosixFilePermission.GROUP_READ) && !takeGroup(file, old.group())) {
                wanted.remove(PosixFilePermission.GROUP_READ); // it would be another group's
            }
        }
        if (!wanted.equals(CREATED)) {
            Files.setPosixFilePermissions(file, wanted);
        }
    }

    private static boolean takeGroup(Path file, GroupPrincipal wanted) throws IOException {
        PosixFileAttributeView view = view(file);
        if (view.readAttributes().group().equals(wanted)) {
            return true;
        }
        try {
            view.setGroup(wanted);
            return true;
        } catch (FileSystemException e) {
            return false;
        }
    }

    /** Lets those read a new file who may read another one, where that can be done. */
    static void copy(Path from, Path to) throws IOException {
        PosixFileAttributes attributes = view(from).readAttributes();
        Set<PosixFilePermission> wanted = EnumSet.of(
                PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE, PosixFilePermission.GROUP_READ);
        wanted.retainAll(attributes.permissions());
        if (wanted.contains(PosixFilePermission.GROUP_READ) && !takeGroup(to, attributes.group())) {
            wanted.remove(PosixFilePermission.GROUP_READ);
        }
        if (!wanted.equals(CREATED)) {
            Files.setPosixFilePermissions(to, wanted);
        }
    }

    private static PosixFileAttributeView view(Path path) {
        return Files.getFileAttributeView(path, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    }

    private static FileAttribute<Set<PosixFilePermission>> attribute(Set<PosixFilePermission> permissions) {
        return PosixFilePermissions.asFileAttribute(permissions);
    }

    private static Set<PosixFilePermission> permissions(String text) {
        return Set.copyOf(PosixFilePermissions.fromString(text));
    }
}
