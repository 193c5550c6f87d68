package io.localcodemodel.inference;

import io.localcodemodel.model.GgufModel;
import io.localcodemodel.model.ModelFormatException;
import io.localcodemodel.model.Transformer;
import io.localcodemodel.tensor.format.BlockFormat;
import io.localcodemodel.tokenizer.GgufVocabulary;
import io.localcodemodel.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What a GGUF file holds: weights, the tokenizer, and which tokens end a text.
record GgufContents(GgufModel model, Tokenizer tokenizer, GenerationDefaults defaults) {
    /// Keys that name a token which ends a text, or a turn of one.
    private static final List<String> ENDS = List.of("tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id");

    /// A key of our own for models with more end tokens than those keys can name.
    private static final String ALL_ENDS = "localcodemodel.end_token_ids";
    private static final Integer NONE = -1;

    static GgufContents open(Path path) throws IOException {
        GgufModel model = GgufModel.open(path);
        try {
            Tokenizer tokenizer = GgufVocabulary.read(model.metadata(), path.toString());
            String misfit = CodeModel.misfit(model.transformer(), tokenizer);
            if (misfit != null) {
                throw new ModelFormatException(path + ": " + misfit);
            }
            return new GgufContents(model, tokenizer, defaults(tokenizer, model.metadata()));
        } catch (IOException | RuntimeException refused) {
            model.close();
            throw refused;
        }
    }

    static void save(
            Path file, Transformer transformer, Tokenizer tokenizer, BlockFormat format, GenerationDefaults defaults)
            throws IOException {
        Map<String, Object> keys = new LinkedHashMap<>(GgufVocabulary.metadata(tokenizer));
        keys.put(ALL_ENDS, defaults.endTokens().stream().sorted().toList());
        defaults.endTokens().stream()
                .sorted()
                .filter(id -> !Integer.valueOf(id).equals(keys.get(ENDS.getFirst())))
                .findFirst()
                .ifPresent(id -> keys.putIfAbsent(ENDS.getLast(), id));
        GgufModel.save(file, transformer, format, keys);
    }

    private static GenerationDefaults defaults(Tokenizer tokenizer, Map<String, Object> metadata) {
        Set<Object> ends = new LinkedHashSet<>(GenerationDefaults.of(tokenizer).endTokens());
        for (String key : ENDS) {
            ends.add(metadata.getOrDefault(key, NONE));
        }
        if (metadata.get(ALL_ENDS) instanceof List<?> ids) {
            ends.addAll(ids);
        }
        Set<Integer> known = new LinkedHashSet<>();
        for (Object end : ends) {
            if (end instanceof Integer id && id >= 0 && id < tokenizer.vocabularySize()) {
                known.add(id);
            }
        }
        return new GenerationDefaults(known, Map.of());
    }
}
