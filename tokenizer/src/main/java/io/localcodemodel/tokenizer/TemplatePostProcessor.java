package io.localcodemodel.tokenizer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Puts special tokens around a text or a pair of texts as a template says (`TemplateProcessing` of
/// `tokenizer.json`).
///
/// @param single the template of one text
/// @param pair the template of two texts
public record TemplatePostProcessor(List<Piece> single, List<Piece> pair) implements PostProcessor {

    static final String TYPE = "TemplateProcessing";

    /// Takes copies of the lists.
    public TemplatePostProcessor {
        single = List.copyOf(single);
        pair = List.copyOf(pair);
    }

    /// Returns the template that puts one special token before each text.
    public static TemplatePostProcessor before(String token, int id) {
        return around(any -> token, id, null);
    }

    /// Returns the template that puts special tokens before and after each text.
    static TemplatePostProcessor around(IntFunction<String> tokens, @Nullable Integer begin, @Nullable Integer end) {
        List<Piece> single = framed(tokens, begin, new Sequence(false, 0), end);
        List<Piece> pair = new ArrayList<>(single);
        pair.addAll(framed(tokens, begin, new Sequence(true, 1), end));
        return new TemplatePostProcessor(single, pair);
    }

    private static List<Piece> framed(
            IntFunction<String> tokens, @Nullable Integer begin, Sequence sequence, @Nullable Integer end) {
        List<Piece> pieces = new ArrayList<>();
        if (begin != null) {
            pieces.add(special(tokens, begin, sequence.type()));
        }
        pieces.add(sequence);
        if (end != null) {
            pieces.add(special(tokens, end, sequence.type()));
        }
        return pieces;
    }

    private static Special special(IntFunction<String> tokens, int id, int type) {
        return new Special(tokens.apply(id), List.of(tokens.apply(id)), new int[] {id}, type);
    }

    static TemplatePostProcessor of(JsonFields fields) throws TokenizerFormatException {
        // read once each: a template may name one many times
        Map<String, Special> known = new HashMap<>();
        return new TemplatePostProcessor(pieces(fields, "single", known), pieces(fields, "pair", known));
    }

    private static List<Piece> pieces(JsonFields fields, String name, Map<String, Special> known)
            throws TokenizerFormatException {
        List<Piece> pieces = new ArrayList<>();
        for (JsonFields element : fields.objects(name)) {
            if (element.has("Sequence")) {
                JsonFields sequence = element.object("Sequence");
                String id = sequence.string("id");
                if (!id.equals("A") && !id.equals("B")) {
                    throw sequence.refuse("id", "A or B");
                }
                pieces.add(new Sequence(id.equals("B"), sequence.integer("type_id", 0)));
            } else {
                JsonFields special = element.object("SpecialToken");
                String id = special.string("id");
                Special first = known.get(id);
                if (first == null) {
                    first = special(id, fields.object("special_tokens").object(id));
                    known.put(id, first);
                }
                pieces.add(new Special(id, first.tokens(), first.ids(), special.integer("type_id", 0)));
            }
        }
        return pieces;
    }

    private static Special special(String name, JsonFields token) throws TokenizerFormatException {
        List<String> tokens = new ArrayList<>();
        for (Object content : token.list("tokens")) {
            tokens.add(String.valueOf(content));
        }
        return new Special(name, tokens, ids(token), 0);
    }

    private static int[] ids(JsonFields token) throws TokenizerFormatException {
        List<?> list = token.list("ids");
        int[] ids = new int[list.size()];
        for (int i = 0; i < ids.length; i++) {
            if (!(list.get(i) instanceof Integer id) || id < 0 || id >= Vocabulary.MAXIMUM_SIZE) {
                throw token.refuse("ids", "ids from 0 to " + (Vocabulary.MAXIMUM_SIZE - 1));
            }
            ids[i] = id;
        }
        return ids;
    }

    @Override
    public IntStream specialIds() {
        return Stream.concat(single.stream(), pair.stream())
                .flatMapToInt(
                        piece -> piece instanceof Special special ? Arrays.stream(special.ids()) : IntStream.empty());
    }

    @Override
    public Encoding frame(Encoding text, @Nullable Encoding second) {
        List<Encoding> parts = new ArrayList<>();
        for (Piece piece : second == null ? single : pair) {
            switch (piece) {
                case Special special -> parts.add(special.encoding());
                case Sequence sequence -> {
                    Encoding part = sequence.second() ? second : text;
                    if (part != null) {
                        parts.add(part.withType(sequence.type()));
                    }
                }
            }
        }
        return Encoding.join(parts);
    }

    @Override
    public Map<String, Object> json() {
        Map<String, Object> specials = new LinkedHashMap<>();
        for (Piece piece : Stream.concat(single.stream(), pair.stream()).toList()) {
            if (piece instanceof Special special) {
                Map<String, Object> token = new LinkedHashMap<>();
                token.put("id", special.name());
                token.put("ids", special.ids());
                token.put("tokens", special.tokens());
                specials.put(special.name(), token);
            }
        }
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("type", TYPE);
        json.put("single", single.stream().map(Piece::json).toList());
        json.put("pair", pair.stream().map(Piece::json).toList());
        json.put("special_tokens", specials);
        return json;
    }

    /// A part of a template.
    public sealed interface Piece {

        /// Returns the part as the file has it.
        Map<String, Object> json();
    }

    /// A text.
    ///
    /// @param second whether it is the second of a pair
    /// @param type the type that its tokens get
    public record Sequence(boolean second, int type) implements Piece {

        @Override
        public Map<String, Object> json() {
            return Map.of("Sequence", JsonFields.objectOf("id", second ? "B" : "A", "type_id", type));
        }
    }

    /// Special tokens.
    ///
    /// @param name what the template calls them
    /// @param tokens how they are written
    /// @param ids their ids
    /// @param type the type that they get
    public record Special(String name, List<String> tokens, int[] ids, int type) implements Piece {

        Encoding encoding() {
            return new Encoding(ids, new int[ids.length], new int[ids.length], new int[ids.length]).withType(type);
        }

        @Override
        public Map<String, Object> json() {
            return Map.of("SpecialToken", JsonFields.objectOf("id", name, "type_id", type));
        }
    }
}
