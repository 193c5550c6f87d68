package io.localcodemodel.tokenizer;

import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The keys `tokenizer.ggml.*` of a GGUF file, read with checks. Lists may be collections or arrays.
///
/// @param values all keys of the file with their values
/// @param file what the file is called in messages
record GgufMetadata(Map<String, ?> values, String file) {

    static final String PREFIX = "tokenizer.ggml.";

    @Nullable
    Object value(String key) {
        return values.get(PREFIX + key);
    }

    boolean flag(String key, boolean missing) {
        return value(key) instanceof Boolean flag ? flag : missing;
    }

    /// Returns the id that a key gives, or [TextBoundaries#NONE].
    ///
    /// @param size the number of tokens
    int id(String key, int size) throws TokenizerFormatException {
        Object id = value(key);
        if (id == null) {
            return TextBoundaries.NONE;
        }
        if (!(id instanceof Number number) || number.longValue() < 0 || number.longValue() >= size) {
            throw refuse(key, "an id below " + size, JsonFields.describe(id));
        }
        return number.intValue();
    }

    /// Returns the tokens around a framed text.
    ///
    /// @param begins what a file without `add_bos_token` means
    /// @param ends what a file without `add_eos_token` means
    TextBoundaries boundaries(int size, boolean begins, boolean ends) throws TokenizerFormatException {
        return new TextBoundaries(
                flag("add_bos_token", begins) ? id("bos_token_id", size) : TextBoundaries.NONE,
                flag("add_eos_token", ends) ? id("eos_token_id", size) : TextBoundaries.NONE);
    }

    List<SentencePieces.Kind> kinds(int size) throws TokenizerFormatException {
        List<SentencePieces.Kind> kinds = new ArrayList<>(size);
        SentencePieces.Kind[] values = SentencePieces.Kind.values();
        if (value("token_type") == null) {
            for (int id = 0; id < size; id++) {
                kinds.add(SentencePieces.Kind.NORMAL);
            }
            return kinds;
        }
        for (Object element : list("token_type")) {
            if (!(element instanceof Number number) || number.longValue() < 1 || number.longValue() > values.length) {
                throw refuse("token_type[" + kinds.size() + "]", "1 to 6", JsonFields.describe(element));
            }
            kinds.add(values[number.intValue() - 1]);
        }
        if (kinds.size() != size) {
            throw refuse("token_type", size + " numbers, one for each token", kinds.size() + " of them");
        }
        return kinds;
    }

    List<String> strings(String key) throws TokenizerFormatException {
        List<String> strings = new ArrayList<>();
        for (Object element : list(key)) {
            if (!(element instanceof String string) || Utf8.hasLoneSurrogate(string)) {
                throw refuse(
                        key + "[" + strings.size() + "]",
                        "a string without half a surrogate pair",
                        JsonFields.describe(element));
            }
            strings.add(string);
        }
        if (strings.size() > Vocabulary.MAXIMUM_SIZE) {
            throw refuse(key, "at most " + Vocabulary.MAXIMUM_SIZE + " of them", strings.size() + " of them");
        }
        return strings;
    }

    List<?> list(String key) throws TokenizerFormatException {
        Object value = value(key);
        if (value instanceof Collection<?> collection) {
            return new ArrayList<>(collection);
        }
        if (value != null && value.getClass().isArray()) {
            List<@Nullable Object> list = new ArrayList<>();
            for (int i = 0; i < Array.getLength(value); i++) {
                list.add(Array.get(value, i));
            }
            return list;
        }
        throw refuse(key, "a list", JsonFields.describe(value));
    }

    TokenizerFormatException refuse(String key, String expected, String found) {
        return new TokenizerFormatException(
                file,
                PREFIX + key,
                expected,
                found,
                "Check that the file is whole and holds a vocabulary of this kind.");
    }
}
