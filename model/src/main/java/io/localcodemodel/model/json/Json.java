package io.localcodemodel.model.json;

import io.localcodemodel.model.ModelFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.jr.ob.JSON;

/// JSON objects as maps of [String], [Number], [Boolean], [java.util.List] and [Map].
public final class Json {
    /// The largest configuration file that is read, in bytes: real ones have a few kilobytes.
    public static final int LARGEST_FILE = 64 << 20;

    private static final JSON READER = JSON.std.with(JSON.Feature.FAIL_ON_DUPLICATE_MAP_KEYS);
    private static final JSON COMPACT = JSON.std.with(JSON.Feature.WRITE_NULL_PROPERTIES);
    private static final JSON PRETTY = COMPACT.with(JSON.Feature.PRETTY_PRINT_OUTPUT);

    private Json() {}

    /// The object in a file.
    ///
    /// @throws ModelFormatException if the file is not a JSON object in UTF-8
    public static Map<String, @Nullable Object> read(Path file) throws IOException {
        long size = Files.size(file);
        if (size > LARGEST_FILE) {
            throw new ModelFormatException(file + ": expected a JSON object of at most " + LARGEST_FILE
                    + " bytes, found a file of " + size + " bytes. Check that this is the right file.");
        }
        return parse(file, "the file", ByteBuffer.wrap(Files.readAllBytes(file)));
    }

    /// The object in some bytes of a file.
    ///
    /// @param place where in the file, for the message
    /// @throws ModelFormatException if the bytes are not a JSON object in UTF-8
    public static Map<String, @Nullable Object> parse(Path file, String place, ByteBuffer bytes)
            throws ModelFormatException {
        String nextStep = " Fetch or save the file again.";
        String text;
        try {
            text = StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
        } catch (CharacterCodingException malformed) {
            throw new ModelFormatException(
                    file + ": " + place + " is not UTF-8, where a JSON object was expected." + nextStep, malformed);
        }
        if (!text.stripLeading().startsWith("{")) {
            String start = text.strip();
            throw new ModelFormatException(file + ": expected " + place + " to be a JSON object, found "
                    + (start.isEmpty() ? "nothing" : "'" + start.substring(0, Math.min(20, start.length())) + "'")
                    + "." + nextStep);
        }
        try {
            return READER.mapFrom(text);
        } catch (JacksonException malformed) {
            throw new ModelFormatException(
                    file + ": " + place + " is not a JSON object: " + malformed.getOriginalMessage() + "." + nextStep,
                    malformed);
        }
    }

    /// The shortest text of an object, keys in the map's order.
    public static String compact(Map<String, ?> object) {
        return COMPACT.asString(object);
    }

    /// The text of an object for people to read, ending in a newline.
    public static String pretty(Map<String, ?> object) {
        return PRETTY.asString(object) + "\n";
    }
}
