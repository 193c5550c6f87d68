package io.localcodemodel.training;

/// A run that cannot begin, go on or be resumed; the message says why and what to do.
public final class TrainingException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /// Without another failure behind it.
    TrainingException(String message) {
        super(message);
    }

    /// With another failure behind it.
    TrainingException(String message, Throwable cause) {
        super(message, cause);
    }
}
