package io.localcodemodel.tokenizer;

import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Makes a tokenizer from the metadata of a GGUF file, the keys `tokenizer.ggml.*`.
///
/// The metadata comes as a map, since reading the file is the business of whoever loads the model. Lists may be
/// collections or arrays.
public final class GgufVocabulary {

    static final String PREFIX = "tokenizer.ggml.";
    static final String CHAT_TEMPLATE = "tokenizer.chat_template";
    /// Whether the model was trained to fill gaps: a key of this library.
    static final String INFILLING = "localcodemodel.infilling";

    /// The splitters by the name that llama.cpp gives them in `tokenizer.ggml.pre`.
    private static final Map<String, Splitter> SPLITTERS = Map.ofEntries(
            Map.entry("default", ByteLevelSplitter.gpt2()),
            Map.entry("gpt-2", ByteLevelSplitter.gpt2()),
            Map.entry("mpt", ByteLevelSplitter.gpt2()),
            Map.entry("olmo", ByteLevelSplitter.gpt2()),
            Map.entry("phi-2", ByteLevelSplitter.gpt2()),
            Map.entry("starcoder", afterDigits()),
            Map.entry("refact", afterDigits()),
            Map.entry("smollm", afterDigits()),
            Map.entry("qwen2", pattern(Cl100kScanner.SINGLE_NUMBERS)),
            Map.entry("llama-bpe", pattern(Cl100kScanner.PATTERN)),
            Map.entry("llama3", pattern(Cl100kScanner.PATTERN)),
            Map.entry("gpt-4o", pattern(O200kScanner.PATTERN)));

    private static final Map<String, SpecialRole> ROLES = Map.of(
            "bos_token_id", SpecialRole.BEGIN_OF_TEXT,
            "eos_token_id", SpecialRole.END_OF_TEXT,
            "padding_token_id", SpecialRole.PADDING,
            "unknown_token_id", SpecialRole.UNKNOWN);

    private final Map<String, ?> metadata;
    private final String file;

    private GgufVocabulary(Map<String, ?> metadata, String file) {
        this.metadata = metadata;
        this.file = file;
    }

    private static Splitter afterDigits() {
        return new SequenceSplitter(List.of(new DigitsSplitter(true), ByteLevelSplitter.gpt2()));
    }

    private static Splitter pattern(String pattern) {
        return new SequenceSplitter(
                List.of(PatternSplitter.regex(pattern), new ByteLevelSplitter(false, false, false)));
    }

    /// Makes a tokenizer.
    ///
    /// @param metadata the key-value pairs of the file
    /// @param file what the file is called in messages
    /// @throws TokenizerFormatException if the metadata has no vocabulary, or one of a kind that is not supported
    public static Tokenizer read(Map<String, ?> metadata, String file) throws TokenizerFormatException {
        return new GgufVocabulary(metadata, file).tokenizer();
    }

    /// Returns the metadata from which [#read] makes the same tokenizer: strings, booleans, numbers and lists of these.
    ///
    /// @throws IllegalArgumentException if the tokenizer does what such metadata cannot say
    public static Map<String, Object> metadata(Tokenizer tokenizer) {
        return GgufVocabularyWriter.metadata(tokenizer);
    }

    static Map<String, Splitter> splitters() {
        return new TreeMap<>(SPLITTERS);
    }

    /// Whether vocabularies with a splitter take a word that is a token for that token, whatever the merges say.
    static boolean ignoresMerges(String splitter) {
        return splitter.startsWith("llama");
    }

    /// What the metadata says beside the vocabulary.
    private TokenizerConfig config(Tokenizer tokenizer) {
        Map<SpecialRole, String> roles = new EnumMap<>(SpecialRole.class);
        for (Map.Entry<String, SpecialRole> role : ROLES.entrySet()) {
            Object id = metadata.get(PREFIX + role.getKey());
            // files without such a token give an id beyond the vocabulary
            if (id instanceof Number number
                    && number.longValue() >= 0
                    && number.longValue() < tokenizer.vocabularySize()) {
                roles.put(role.getValue(), tokenizer.token(number.intValue()));
            }
        }
        Optional<Boolean> infilling =
                metadata.get(INFILLING) instanceof Boolean flag ? Optional.of(flag) : Optional.empty();
        TokenizerConfig config =
                new TokenizerConfig(roles, Optional.empty(), Optional.empty(), Map.of(), infilling, Map.of());
        return metadata.get(CHAT_TEMPLATE) instanceof String template ? config.withChatTemplate(template) : config;
    }

    private Tokenizer tokenizer() throws TokenizerFormatException {
        Tokenizer tokenizer = vocabulary();
        return tokenizer.withConfig(config(tokenizer));
    }

    private Tokenizer vocabulary() throws TokenizerFormatException {
        Object model = metadata.get(PREFIX + "model");
        if ("gpt2".equals(model)) {
            return byteLevel();
        }
        if ("llama".equals(model)) {
            return sentencePiece();
        }
        throw refuse("model", "gpt2 or llama", JsonFields.describe(model));
    }

    private Tokenizer byteLevel() throws TokenizerFormatException {
        List<String> tokens = strings("tokens");
        Vocabulary vocabulary = Vocabulary.withGaps(tokens);
        List<String> lines = strings("merges");
        MergeTable.Builder merges = new MergeTable.Builder(lines.size());
        for (String line : lines) {
            if (merges.addLine(vocabulary, line, "").isPresent()) {
                throw refuse(
                        "merges[" + merges.size() + "]",
                        "two tokens of the vocabulary with a space between them, which together are a third",
                        JsonFields.describe(line));
            }
        }
        Object pre = metadata.containsKey(PREFIX + "pre") ? metadata.get(PREFIX + "pre") : "default";
        Splitter splitter = SPLITTERS.get(String.valueOf(pre));
        if (splitter == null) {
            throw refuse(
                    "pre",
                    "one of "
                            + String.join(
                                    ", ", SPLITTERS.keySet().stream().sorted().toList()),
                    JsonFields.describe(pre));
        }
        Tokenizer.Builder builder = Tokenizer.builder()
                .splitter(splitter)
                .model(new Bpe(
                        vocabulary,
                        merges.build(),
                        new MergingModel.Settings(null, false, false, ignoresMerges(String.valueOf(pre)))))
                .decoder(new ByteLevelDecoder(false, false, false))
                .postProcessor(beginProcessor(tokens, false));
        List<SentencePieces.Kind> kinds = kinds(tokens.size());
        for (int id = 0; id < tokens.size(); id++) {
            SentencePieces.Kind kind = kinds.get(id);
            boolean special = kind == SentencePieces.Kind.CONTROL || kind == SentencePieces.Kind.UNKNOWN;
            if ((special || kind == SentencePieces.Kind.USER_DEFINED)
                    && !tokens.get(id).isEmpty()) {
                builder.addedToken(new AddedToken(tokens.get(id), id, false, false, false, false, special));
            }
        }
        return builder.build();
    }

    private Tokenizer sentencePiece() throws TokenizerFormatException {
        List<String> tokens = strings("tokens");
        List<?> scores = list("scores");
        List<SentencePieces.Kind> kinds = kinds(tokens.size());
        if (scores.size() != tokens.size()) {
            throw refuse("scores", tokens.size() + " numbers, one for each token", scores.size() + " of them");
        }
        List<SentencePieces.Piece> pieces = new ArrayList<>(tokens.size());
        for (int id = 0; id < tokens.size(); id++) {
            if (!(scores.get(id) instanceof Number score) || Float.isNaN(score.floatValue())) {
                throw refuse("scores[" + id + "]", "a number", JsonFields.describe(scores.get(id)));
            }
            // user-defined pieces come with spaces that are not marked
            String text = kinds.get(id) == SentencePieces.Kind.USER_DEFINED
                    ? tokens.get(id).replace(" ", SentencePieces.SPACE)
                    : tokens.get(id);
            pieces.add(new SentencePieces.Piece(text, score.floatValue(), kinds.get(id)));
        }
        boolean addPrefixSpace = !Boolean.FALSE.equals(metadata.get(PREFIX + "add_space_prefix"));
        return new SentencePieces(pieces, file).tokenizer(addPrefixSpace, beginId(tokens, true));
    }

    private @Nullable PostProcessor beginProcessor(List<String> tokens, boolean missing)
            throws TokenizerFormatException {
        int begin = beginId(tokens, missing);
        return begin < 0 ? null : TemplatePostProcessor.before(tokens.get(begin), begin);
    }

    /// Returns the id of the token that is put before a text, or -1 if none is.
    ///
    /// @param missing what a file without `add_bos_token` means
    private int beginId(List<String> tokens, boolean missing) throws TokenizerFormatException {
        Object add = metadata.get(PREFIX + "add_bos_token");
        if (!(add instanceof Boolean flag ? flag : missing)) {
            return -1;
        }
        Object id = metadata.get(PREFIX + "bos_token_id");
        if (id == null) {
            return -1;
        }
        if (!(id instanceof Number number) || number.longValue() < 0 || number.longValue() >= tokens.size()) {
            throw refuse("bos_token_id", "an id below " + tokens.size(), JsonFields.describe(id));
        }
        return number.intValue();
    }

    private List<SentencePieces.Kind> kinds(int size) throws TokenizerFormatException {
        List<SentencePieces.Kind> kinds = new ArrayList<>(size);
        SentencePieces.Kind[] values = SentencePieces.Kind.values();
        if (!metadata.containsKey(PREFIX + "token_type")) {
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

    private List<String> strings(String key) throws TokenizerFormatException {
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

    private List<?> list(String key) throws TokenizerFormatException {
        Object value = metadata.get(PREFIX + key);
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

    private TokenizerFormatException refuse(String key, String expected, String found) {
        return new TokenizerFormatException(
                file,
                PREFIX + key,
                expected,
                found,
                "Check that the file is whole and holds a vocabulary of this kind.");
    }
}
