package io.localcodemodel.model.file;

import io.localcodemodel.model.ModelFormatException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Reads the values of a GGUF header one after another; every length is checked against the bytes that are left before
/// anything of that length is made.
final class GgufReader {
    private static final int TEXT = 8;
    private static final int LIST = 9;
    /// Lists may hold lists; real files do not go deeper than one.
    private static final int DEEPEST = 3;

    /// In bytes; the longest texts of real files are chat templates.
    private static final int LONGEST_TEXT = 1 << 28;

    private final Path path;
    private final MemorySegment data;
    private long at;

    GgufReader(Path path, MemorySegment data) {
        this.path = path;
        this.data = data;
    }

    long position() {
        return at;
    }

    ModelFormatException refuse(String problem) {
        return ModelFormatException.of(
                path,
                List.of("byte " + at + ": " + problem),
                "The file is damaged or no GGUF file of version 2 or 3; fetch it again.");
    }

    private long take(long bytes) throws ModelFormatException {
        if (bytes < 0 || bytes > data.byteSize() - at) {
            throw refuse("expected " + Long.toUnsignedString(bytes) + " more bytes, found " + (data.byteSize() - at));
        }
        long start = at;
        at += bytes;
        return start;
    }

    int int32() throws ModelFormatException {
        return data.get(Elements.INT, take(Integer.BYTES));
    }

    long int64() throws ModelFormatException {
        return data.get(Elements.LONG, take(Long.BYTES));
    }

    /// A number of things that take at least so many bytes each.
    long count(String things, int least) throws ModelFormatException {
        long count = int64();
        if (count < 0 || count > (data.byteSize() - at) / least) {
            throw refuse("expected as many " + things + " as fit into " + (data.byteSize() - at) + " bytes, found "
                    + Long.toUnsignedString(count));
        }
        return count;
    }

    /// A text; bytes that are no UTF-8, as some vocabularies have, become replacement characters.
    String text() throws ModelFormatException {
        long length = count("bytes of text", 1);
        if (length > LONGEST_TEXT) {
            throw refuse("expected a text of at most " + LONGEST_TEXT + " bytes, found one of " + length);
        }
        ByteBuffer bytes = data.asSlice(take(length), length).asByteBuffer();
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPLACE)
                    .onUnmappableCharacter(CodingErrorAction.REPLACE)
                    .decode(bytes)
                    .toString();
        } catch (CharacterCodingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /// A value of the given type.
    Object value(int type, int depth) throws ModelFormatException {
        return switch (type) {
            case 0 -> Byte.toUnsignedInt(data.get(ValueLayout.JAVA_BYTE, take(1)));
            case 1 -> (int) data.get(ValueLayout.JAVA_BYTE, take(1));
            case 2 -> Short.toUnsignedInt(data.get(Elements.SHORT, take(2)));
            case 3 -> (int) data.get(Elements.SHORT, take(2));
            case 4 -> shortest(Integer.toUnsignedLong(int32()));
            case 5 -> int32();
            case 6 -> data.get(Elements.FLOAT, take(4));
            case 7 -> data.get(ValueLayout.JAVA_BYTE, take(1)) != 0;
            case TEXT -> text();
            case LIST -> list(depth + 1);
            case 10, 11 -> shortest(int64());
            case 12 -> data.get(Elements.DOUBLE, take(8));
            default -> throw refuse("expected the type of a value, 0 to 12, found " + Integer.toUnsignedString(type));
        };
    }

    private static Object shortest(long number) {
        if (number == (int) number) {
            return (int) number;
        }
        return number;
    }

    private List<Object> list(int depth) throws ModelFormatException {
        if (depth > DEEPEST) {
            throw refuse("expected lists that nest at most " + DEEPEST + " deep");
        }
        int type = int32();
        long count = count("elements", leastBytes(type));
        List<Object> values = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            values.add(value(type, depth));
        }
        return values;
    }

    private static int leastBytes(int type) {
        return switch (type) {
            case 2, 3 -> 2;
            case 4, 5, 6 -> 4;
            case TEXT, 10, 11, 12 -> 8;
            case LIST -> 12;
            default -> 1;
        };
    }
}
