package io.localcodemodel.tokenizer;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Makes a tokenizer from the metadata of a GGUF file, the keys `tokenizer.ggml.*`.
///
/// The metadata comes as a map, since reading the file is the business of whoever loads the model. Lists may be
/// collections or arrays.
public final class GgufVocabulary {

    /// So the key is spelled.
    private static final String SEPARATOR = "seperator_token_id";
    static final String CHAT_TEMPLATE = "tokenizer.chat_template";
    /// Whether the model was trained to fill gaps: a key of this library.
    static final String INFILLING = "localcodemodel.infilling";

    /// What the tokens are for that keys name; of two keys with one role the first counts.
    private static final Map<String, SpecialRole> ROLES = roles();

    private final GgufMetadata metadata;

    private GgufVocabulary(GgufMetadata metadata) {
        this.metadata = metadata;
    }

    private static Map<String, SpecialRole> roles() {
        Map<String, SpecialRole> roles = new LinkedHashMap<>();
        roles.put("bos_token_id", SpecialRole.BEGIN_OF_TEXT);
        roles.put("cls_token_id", SpecialRole.BEGIN_OF_TEXT);
        roles.put("eos_token_id", SpecialRole.END_OF_TEXT);
        roles.put(SEPARATOR, SpecialRole.END_OF_TEXT);
        roles.put("padding_token_id", SpecialRole.PADDING);
        roles.put("unknown_token_id", SpecialRole.UNKNOWN);
        roles.put("mask_token_id", SpecialRole.MASK);
        return roles;
    }

    /// Makes a tokenizer.
    ///
    /// @param metadata the key-value pairs of the file
    /// @param file what the file is called in messages
    /// @throws TokenizerFormatException if the metadata has no vocabulary, or one of a kind that is not supported
    public static Tokenizer read(Map<String, ?> metadata, String file) throws TokenizerFormatException {
        return new GgufVocabulary(new GgufMetadata(metadata, file)).tokenizer();
    }

    /// Returns the metadata from which [#read] makes the same tokenizer: strings, booleans, numbers and lists of these.
    ///
    /// @throws IllegalArgumentException if the tokenizer does what such metadata cannot say
    public static Map<String, Object> metadata(Tokenizer tokenizer) {
        return GgufVocabularyWriter.metadata(tokenizer);
    }

    /// What the metadata says beside the vocabulary.
    private TokenizerConfig config(Tokenizer tokenizer) {
        Map<SpecialRole, String> roles = new EnumMap<>(SpecialRole.class);
        for (Map.Entry<String, SpecialRole> role : ROLES.entrySet()) {
            Object id = metadata.value(role.getKey());
            // files without such a token give an id beyond the vocabulary
            if (id instanceof Number number
                    && number.longValue() >= 0
                    && number.longValue() < tokenizer.vocabularySize()) {
                roles.putIfAbsent(role.getValue(), tokenizer.token(number.intValue()));
            }
        }
        Optional<Boolean> infilling =
                metadata.values().get(INFILLING) instanceof Boolean flag ? Optional.of(flag) : Optional.empty();
        TokenizerConfig config =
                new TokenizerConfig(roles, Optional.empty(), Optional.empty(), Map.of(), infilling, Map.of());
        return metadata.values().get(CHAT_TEMPLATE) instanceof String template
                ? config.withChatTemplate(template)
                : config;
    }

    private Tokenizer tokenizer() throws TokenizerFormatException {
        Tokenizer tokenizer = vocabulary();
        return tokenizer.withConfig(config(tokenizer));
    }

    private Tokenizer vocabulary() throws TokenizerFormatException {
        Object model = metadata.value("model");
        return switch (model instanceof String name ? name : "") {
            case "gpt2" -> byteLevel();
            case "llama" -> sentencePiece(SentencePieces.Algorithm.BPE);
            case "t5" -> sentencePiece(SentencePieces.Algorithm.UNIGRAM);
            case "bert" -> wordPiece();
            default -> throw metadata.refuse("model", "gpt2, llama, t5 or bert", JsonFields.describe(model));
        };
    }

    private Tokenizer byteLevel() throws TokenizerFormatException {
        List<String> tokens = metadata.strings("tokens");
        Vocabulary vocabulary = Vocabulary.withGaps(tokens);
        List<String> lines = metadata.strings("merges");
        MergeTable.Builder merges = new MergeTable.Builder(lines.size());
        for (String line : lines) {
            if (merges.addLine(vocabulary, line, "").isPresent()) {
                throw metadata.refuse(
                        "merges[" + merges.size() + "]",
                        "two tokens of the vocabulary with a space between them, which together are a third",
                        JsonFields.describe(line));
            }
        }
        Object named = metadata.value("pre");
        String pre = named == null ? GgufSplitters.DEFAULT : String.valueOf(named);
        Splitter splitter = GgufSplitters.named(pre);
        if (splitter == null) {
            throw metadata.refuse(
                    "pre", "one of " + String.join(", ", GgufSplitters.names()), JsonFields.describe(pre));
        }
        boolean likeLlama3 = GgufSplitters.isLikeLlama3(pre);
        Tokenizer.Builder builder = Tokenizer.builder()
                .splitter(splitter)
                .model(new Bpe(vocabulary, merges.build(), new MergingModel.Settings(null, false, false, likeLlama3)))
                .decoder(new ByteLevelDecoder(false, false, false))
                .postProcessor(
                        metadata.boundaries(tokens.size(), likeLlama3, false).postProcessor(tokens::get));
        List<SentencePieces.Kind> kinds = metadata.kinds(tokens.size());
        for (int id = 0; id < tokens.size(); id++) {
            SentencePieces.Kind kind = kinds.get(id);
            if ((isSpecial(kind) || kind == SentencePieces.Kind.USER_DEFINED)
                    && !tokens.get(id).isEmpty()) {
                builder.addedToken(new AddedToken(tokens.get(id), id, false, false, false, false, isSpecial(kind)));
            }
        }
        return builder.build();
    }

    private static boolean isSpecial(SentencePieces.Kind kind) {
        return kind == SentencePieces.Kind.CONTROL || kind == SentencePieces.Kind.UNKNOWN;
    }

    private Tokenizer sentencePiece(SentencePieces.Algorithm algorithm) throws TokenizerFormatException {
        List<String> tokens = metadata.strings("tokens");
        List<?> scores = metadata.list("scores");
        List<SentencePieces.Kind> kinds = metadata.kinds(tokens.size());
        if (scores.size() != tokens.size()) {
            throw metadata.refuse("scores", tokens.size() + " numbers, one for each token", scores.size() + " of them");
        }
        List<SentencePieces.Piece> pieces = new ArrayList<>(tokens.size());
        for (int id = 0; id < tokens.size(); id++) {
            if (!(scores.get(id) instanceof Number score) || Float.isNaN(score.floatValue())) {
                throw metadata.refuse("scores[" + id + "]", "a number", JsonFields.describe(scores.get(id)));
            }
            // user-defined pieces come with spaces that are not marked
            String text = kinds.get(id) == SentencePieces.Kind.USER_DEFINED
                    ? tokens.get(id).replace(" ", SentencePieces.SPACE)
                    : tokens.get(id);
            pieces.add(new SentencePieces.Piece(text, score.floatValue(), kinds.get(id)));
        }
        boolean unigram = algorithm == SentencePieces.Algorithm.UNIGRAM;
        SentenceNormalization normalization = new SentenceNormalization(
                unigram ? characterMap() : null,
                metadata.flag("add_space_prefix", true),
                unigram && metadata.flag("remove_extra_whitespaces", false));
        return new SentencePieces(pieces, metadata.file())
                .tokenizer(algorithm, normalization, metadata.boundaries(tokens.size(), !unigram, unigram));
    }

    private @Nullable CharacterMap characterMap() throws TokenizerFormatException {
        String key = "precompiled_charsmap";
        if (metadata.value(key) == null) {
            return null;
        }
        List<?> values = metadata.list(key);
        byte[] bytes = new byte[values.size()];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = values.get(i) instanceof Number value ? value.byteValue() : 0;
        }
        CharacterMap map = CharacterMap.read(bytes);
        if (map == null && bytes.length > 0) {
            throw metadata.refuse(key, "a character map of SentencePiece", bytes.length + " bytes that are none");
        }
        return map;
    }

    /// Makes a tokenizer of BERT's kind: tokens that begin a word are written with `▁`, those that continue one without `##`.
    private Tokenizer wordPiece() throws TokenizerFormatException {
        List<String> written = metadata.strings("tokens");
        List<SentencePieces.Kind> kinds = metadata.kinds(written.size());
        int unknown = special(written, "[UNK]", "unknown_token_id");
        int begin = special(written, "[CLS]", "bos_token_id", "cls_token_id");
        int end = special(written, "[SEP]", SEPARATOR);
        List<String> tokens = new ArrayList<>(written.size());
        List<AddedToken> added = new ArrayList<>();
        for (int id = 0; id < written.size(); id++) {
            String token = written.get(id);
            if (id == unknown || id == begin || id == end || (isSpecial(kinds.get(id)) && !token.isEmpty())) {
                tokens.add(token);
                added.add(AddedToken.special(token, id));
            } else {
                tokens.add(
                        token.startsWith(SentencePieces.SPACE)
                                ? token.substring(SentencePieces.SPACE.length())
                                : WordPiece.PREFIX + token);
            }
        }
        WordPiece model;
        try {
            model = WordPiece.of(tokens, tokens.get(unknown));
        } catch (IllegalArgumentException e) {
            throw metadata.refuse("tokens", "tokens that differ", String.valueOf(e.getMessage()));
        }
        boolean lowercase = metadata.flag("normalizer.lowercase", true);
        return Tokenizer.builder()
                .normalizer(
                        new BertNormalizer(true, true, metadata.flag("normalizer.strip_accents", lowercase), lowercase))
                .splitter(new BertSplitter())
                .model(model)
                .postProcessor(new BertPostProcessor(
                        new NamedToken(tokens.get(end), end), new NamedToken(tokens.get(begin), begin)))
                .decoder(new WordPieceDecoder(WordPiece.PREFIX, true))
                .addedTokens(added)
                .build();
    }

    /// Returns the id of a token that there must be: the one that a key names, or else the one with the usual name.
    private int special(List<String> tokens, String name, String... keys) throws TokenizerFormatException {
        for (String key : keys) {
            int id = metadata.id(key, tokens.size());
            if (id != TextBoundaries.NONE && !tokens.get(id).isEmpty()) {
                return id;
            }
        }
        int id = tokens.indexOf(name);
        if (id < 0) {
            throw metadata.refuse(keys[0], "the id of a token, or a token " + name, "neither");
        }
        return id;
    }
}
