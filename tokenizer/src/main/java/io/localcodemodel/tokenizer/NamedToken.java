package io.localcodemodel.tokenizer;

import java.util.List;

/// A special token that a post-processor puts around a text.
///
/// @param content how it is written
/// @param id its id
public record NamedToken(String content, int id) {

    /// Checks the id.
    public NamedToken {
        if (id < 0 || id >= Vocabulary.MAXIMUM_SIZE) {
            throw new IllegalArgumentException("The id of the token \"%s\" must be from 0 to %d: %d"
                    .formatted(content, Vocabulary.MAXIMUM_SIZE - 1, id));
        }
    }

    /// Reads a list of name and id.
    static NamedToken of(JsonFields fields, String name) throws TokenizerFormatException {
        List<?> list = fields.list(name);
        if (list.size() == 2
                && list.get(0) instanceof String content
                && list.get(1) instanceof Integer id
                && id >= 0
                && id < Vocabulary.MAXIMUM_SIZE) {
            return new NamedToken(content, id);
        }
        throw fields.refuse(name, "a token and its id, from 0 to " + (Vocabulary.MAXIMUM_SIZE - 1));
    }

    List<Object> json() {
        return List.of(content, id);
    }

    /// Returns this token, with no place in the source.
    Encoding encoding(int type) {
        return new Encoding(new int[] {id}, new int[1], new int[1], new int[] {type});
    }
}
