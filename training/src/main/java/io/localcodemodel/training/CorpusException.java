package io.localcodemodel.training;

/// A corpus that cannot be read: the message names the source, what was expected and what to do.
public final class CorpusException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /// Without a cause in the file system.
    CorpusException(String message) {
        super(message);
    }

    /// With the failure of the file system behind it.
    CorpusException(String message, Throwable cause) {
        super(message, cause);
    }
}
