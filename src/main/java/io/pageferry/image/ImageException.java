package io.pageferry.image;

import java.io.IOException;

/** An image cannot be read or written. The message is the rule, then the values. */
public final class ImageException extends IOException {
    private static final long serialVersionUID = 1L;

    public ImageException(String message) {
        super(message);
    }

    public ImageException(String message, Throwable cause) {
        super(message, cause);
    }

    /** Says why the file system did not do what was asked; what it has no words for is named by its kind. */
    static ImageException of(String rule, Object path, IOException e) {
        return new ImageException(rule + ": image=" + path + " reason=\"" + reason(e) + "\"", e);
    }

    static String reason(IOException e) {
        if (e instanceof java.nio.file.FileSystemException failed) {
            return failed.getReason() != null ? failed.getReason() : kindOf(failed);
        }
        if (e instanceof java.io.FileNotFoundException) {
            // "/path (Input/output error)"
            String message = e.getMessage();
            return message.endsWith(")")
                    ? message.substring(message.lastIndexOf('(') + 1, message.length() - 1)
                    : message;
        }
        return e.getMessage();
    }

    private static String kindOf(java.nio.file.FileSystemException e) {
        return switch (e) {
            case java.nio.file.NoSuchFileException ignored -> "No such file or directory";
            case java.nio.file.AccessDeniedException ignored -> "Permission denied";
            default -> e.getClass().getSimpleName();
        };
    }
}
