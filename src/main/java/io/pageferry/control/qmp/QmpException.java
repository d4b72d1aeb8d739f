package io.pageferry.control.qmp;

/** A command is refused. The message is the answer's {@code desc}: QEMU's where QEMU would refuse it too. */
public final class QmpException extends Exception {
    private static final long serialVersionUID = 1L;

    /** QEMU's {@code QapiErrorClass}, as far as it is used here. */
    enum ErrorClass {
        GENERIC_ERROR("GenericError"),
        COMMAND_NOT_FOUND("CommandNotFound"),
        DEVICE_NOT_FOUND("DeviceNotFound");

        private final String qemuName;

        ErrorClass(String qemuName) {
            this.qemuName = qemuName;
        }

        String qemuName() {
            return qemuName;
        }
    }

    private final ErrorClass errorClass;

    QmpException(ErrorClass errorClass, String description) {
        super(description);
        this.errorClass = errorClass;
    }

    public QmpException(String description) {
        this(ErrorClass.GENERIC_ERROR, description);
    }

    ErrorClass errorClass() {
        return errorClass;
    }
}
