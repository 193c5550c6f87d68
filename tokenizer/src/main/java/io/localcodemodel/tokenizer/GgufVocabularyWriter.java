package io.localcodemodel.tokenizer;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Writes a tokenizer as the metadata of a GGUF file; see [GgufVocabulary].
final class GgufVocabularyWriter {

    private static final String PREFIX = GgufMetadata.PREFIX;
    private static final Map<SpecialRole, String> ROLES = Map.of(
            SpecialRole.BEGIN_OF_TEXT, "bos_token_id",
            SpecialRole.END_OF_TEXT, "eos_token_id",
            SpecialRole.PADDING, "padding_token_id",
            SpecialRole.UNKNOWN, "unknown_token_id",
            SpecialRole.INFILL_PREFIX, "fim_pre_token_id",
            SpecialRole.INFILL_SUFFIX, "fim_suf_token_id",
            SpecialRole.INFILL_MIDDLE, "fim_mid_token_id",
            SpecialRole.REPOSITORY_NAME, "fim_rep_token_id",
            SpecialRole.FILE_SEPARATOR, "fim_sep_token_id");

    private final Tokenizer tokenizer;
    private final Map<String, Object> metadata = new LinkedHashMap<>();

    private GgufVocabularyWriter(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    static Map<String, Object> metadata(Tokenizer tokenizer) {
        return new GgufVocabularyWriter(tokenizer).metadata();
    }

    private Map<String, Object> metadata() {
        if (tokenizer.model() instanceof Bpe model) {
            byteLevel(model);
        } else {
            sentencePiece();
        }
        for (SpecialRole role : SpecialRole.values()) {
            String key = ROLES.get(role);
            if (key != null && (tokenizer.infillFormat().isPresent() || !key.startsWith("fim"))) {
                tokenizer.special(role).ifPresent(id -> metadata.put(PREFIX + key, id));
            }
        }
        TextBoundaries boundaries = SentencePieceVocabulary.boundaries(tokenizer);
        metadata.put(PREFIX + "add_bos_token", isAdded(boundaries.begin(), SpecialRole.BEGIN_OF_TEXT));
        metadata.put(PREFIX + "add_eos_token", isAdded(boundaries.end(), SpecialRole.END_OF_TEXT));
        tokenizer.config().infilling().ifPresent(flag -> metadata.put(GgufVocabulary.INFILLING, flag));
        String template = tokenizer.config().chatTemplates().get(TokenizerConfig.DEFAULT_TEMPLATE);
        if (template != null) {
            metadata.put(GgufVocabulary.CHAT_TEMPLATE, template);
        }
        return metadata;
    }

    private boolean isAdded(int id, SpecialRole role) {
        if (id != TextBoundaries.NONE && tokenizer.special(role).orElse(TextBoundaries.NONE) != id) {
            throw new IllegalArgumentException(
                    "A GGUF file can say that the begin and the end of a text are marked, and no"
                            + " more; this tokenizer frames a text with the token " + tokenizer.token(id));
        }
        return id != TextBoundaries.NONE;
    }

    private void byteLevel(Bpe model) {
        metadata.put(PREFIX + "model", "gpt2");
        metadata.put(PREFIX + "pre", splitter(model));
        List<String> tokens = new ArrayList<>();
        List<Integer> types = new ArrayList<>();
        for (int id = 0; id < tokenizer.vocabularySize(); id++) {
            tokens.add(tokenizer.token(id));
            types.add(kind(id).number());
        }
        metadata.put(PREFIX + "tokens", tokens);
        metadata.put(PREFIX + "token_type", types);
        List<String> merges = new ArrayList<>();
        for (List<String> pair : model.merges().json(model.vocabulary())) {
            merges.add(pair.get(0) + " " + pair.get(1));
        }
        metadata.put(PREFIX + "merges", merges);
    }

    private SentencePieces.Kind kind(int id) {
        for (AddedToken added : tokenizer.addedTokens()) {
            if (added.id() == id) {
                return added.special() ? SentencePieces.Kind.CONTROL : SentencePieces.Kind.USER_DEFINED;
            }
        }
        return tokenizer.token(id).isEmpty() ? SentencePieces.Kind.UNUSED : SentencePieces.Kind.NORMAL;
    }

    /// The name of the splitter.
    private String splitter(Bpe model) {
        if (tokenizer.normalizer().isPresent()) {
            throw new IllegalArgumentException("A GGUF file has no place for the normaliser "
                    + tokenizer.normalizer().get().json());
        }
        if (model.usesUnknown()) {
            throw new IllegalArgumentException(
                    "A GGUF file has no place for the unknown token of a byte-level vocabulary");
        }
        Splitter splitter = tokenizer.splitter().orElse(null);
        boolean ignoreMerges = model.settings().ignoreMerges();
        String name = splitter == null ? null : GgufSplitters.name(splitter, ignoreMerges);
        if (name == null) {
            throw new IllegalArgumentException("A GGUF file names its splitter; there is no name for "
                    + (splitter == null ? "none" : splitter.json())
                    + (ignoreMerges ? " with ignore_merges" : "") + ", only for "
                    + String.join(", ", GgufSplitters.names()));
        }
        return name;
    }

    private void sentencePiece() {
        SentencePieceVocabulary vocabulary = SentencePieceVocabulary.of(tokenizer);
        metadata.put(PREFIX + "model", "llama");
        metadata.put(PREFIX + "pre", "default");
        metadata.put(
                PREFIX + "tokens",
                vocabulary.pieces().stream()
                        .map(piece -> piece.kind() == SentencePieces.Kind.USER_DEFINED
                                ? piece.text().replace(SentencePieces.SPACE, " ")
                                : piece.text())
                        .toList());
        metadata.put(
                PREFIX + "scores",
                vocabulary.pieces().stream().map(SentencePieces.Piece::score).toList());
        metadata.put(
                PREFIX + "token_type",
                vocabulary.pieces().stream().map(piece -> piece.kind().number()).toList());
        metadata.put(PREFIX + "add_space_prefix", vocabulary.addPrefixSpace());
    }
}
