package io.localcodemodel.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/// Tokens and their ids, as the files write them. Immutable.
final class Vocabulary {

    /// Ids must be smaller: three of them fit into one `long` beside each other, and a file of a few bytes cannot
    /// ask for a large table.
    static final int MAXIMUM_SIZE = 1 << 21;

    private final @Nullable String[] tokens;
    private final Map<String, Integer> ids;

    private Vocabulary(@Nullable String[] tokens, Map<String, Integer> ids) {
        this.tokens = tokens;
        this.ids = ids;
    }

    /// Takes the tokens in the order of their ids.
    ///
    /// @throws IllegalArgumentException if a token occurs twice or there are too many
    static Vocabulary of(List<String> tokens) {
        if (tokens.size() > MAXIMUM_SIZE) {
            throw new IllegalArgumentException(
                    "A vocabulary holds at most %d tokens, not %d".formatted(MAXIMUM_SIZE, tokens.size()));
        }
        Map<String, Integer> ids = HashMap.newHashMap(tokens.size());
        for (String token : tokens) {
            Integer other = ids.put(Objects.requireNonNull(token), ids.size());
            if (other != null) {
                throw new IllegalArgumentException("The token \"%s\" has two ids".formatted(token));
            }
        }
        return new Vocabulary(tokens.toArray(new String[0]), ids);
    }

    /// Takes the tokens in the order of their ids, where an empty one stands for an id without a token.
    /// Of equal tokens the first is found.
    static Vocabulary withGaps(List<String> spelled) {
        @Nullable String[] tokens = new String[spelled.size()];
        Map<String, Integer> ids = HashMap.newHashMap(tokens.length);
        for (int id = 0; id < tokens.length; id++) {
            if (!spelled.get(id).isEmpty()) {
                tokens[id] = spelled.get(id);
                ids.putIfAbsent(spelled.get(id), id);
            }
        }
        return new Vocabulary(tokens, ids);
    }

    /// Reads the object `vocab` of `tokenizer.json`, which maps each token to its id.
    static Vocabulary of(JsonFields vocab) throws TokenizerFormatException {
        Map<?, ?> values = vocab.values();
        Map<String, Integer> ids = HashMap.newHashMap(values.size());
        @Nullable String[] tokens = new String[values.size()];
        int size = 0;
        for (Map.Entry<?, ?> entry : values.entrySet()) {
            String token = (String) entry.getKey();
            int id = vocab.integer(token);
            if (id < 0 || id >= MAXIMUM_SIZE) {
                throw vocab.refuse(token, "an id from 0 to " + (MAXIMUM_SIZE - 1));
            }
            if (id >= tokens.length) {
                tokens = Arrays.copyOf(tokens, Math.min(MAXIMUM_SIZE, Math.max(id + 1, tokens.length * 2)));
            }
            if (tokens[id] != null) {
                throw vocab.refuse(token, "an id of its own", id + ", which \"" + tokens[id] + "\" has too");
            }
            tokens[id] = token;
            ids.put(token, id);
            size = Math.max(size, id + 1);
        }
        return new Vocabulary(Arrays.copyOf(tokens, size), ids);
    }

    /// Returns one more than the largest id.
    int size() {
        return tokens.length;
    }

    OptionalInt id(String token) {
        Integer id = ids.get(token);
        return id == null ? OptionalInt.empty() : OptionalInt.of(id);
    }

    /// Returns the id of a token, or -1.
    int idOrMinus1(String token) {
        return ids.getOrDefault(token, -1);
    }

    /// Returns a token; an id without one gives the empty string.
    String token(int id) {
        String token = tokens[Objects.checkIndex(id, tokens.length)];
        return token == null ? "" : token;
    }

    /// Returns the first id whose token has more than a number of UTF-8 bytes, or -1.
    int firstLongerThan(int bytes) {
        for (int id = 0; id < tokens.length; id++) {
            String token = token(id);
            if (token.length() > bytes / 3 && token.getBytes(StandardCharsets.UTF_8).length > bytes) {
                return id;
            }
        }
        return -1;
    }

    /// Returns the object `vocab` of `tokenizer.json`, in the order of the ids.
    Map<String, Object> json() {
        Map<String, Object> json = LinkedHashMap.newLinkedHashMap(tokens.length);
        for (int id = 0; id < tokens.length; id++) {
            String token = tokens[id];
            if (token != null) {
                json.put(token, id);
            }
        }
        return json;
    }
}
