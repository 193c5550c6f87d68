package io.localcodemodel.tokenizer;

import java.io.IOException;
import java.io.Serial;
import java.util.Objects;

/// A tokenizer file says something that cannot be read.
///
/// The message names the file, the place in it, what was expected, what was found, and what to do next.
/// It is the only exception a damaged or hostile file leads to.
public final class TokenizerFormatException extends IOException {

    @Serial
    private static final long serialVersionUID = 1L;

    private final String file;
    private final String place;

    /// Describes one refusal.
    ///
    /// @param file the file, or what the data came from
    /// @param place where in the file, for instance `model.merges[17]`
    /// @param expected what a readable file has there
    /// @param found what is there instead
    /// @param next what the reader of the message can do
    public TokenizerFormatException(String file, String place, String expected, String found, String next) {
        super("Cannot read %s: at %s expected %s, found %s. %s".formatted(file, place, expected, found, next));
        this.file = Objects.requireNonNull(file, "file");
        this.place = Objects.requireNonNull(place, "place");
    }

    /// Describes one refusal with the exception that revealed it.
    public TokenizerFormatException(
            String file, String place, String expected, String found, String next, Throwable cause) {
        this(file, place, expected, found, next);
        initCause(cause);
    }

    /// Returns the file that was refused, or what the data came from.
    public String file() {
        return file;
    }

    /// Returns the place in the file, for instance `model.merges[17]`.
    public String place() {
        return place;
    }
}
