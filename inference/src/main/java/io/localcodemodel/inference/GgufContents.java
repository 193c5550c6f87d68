package io.localcodemodel.inference;

import io.localcodemodel.model.GgufModel;
import io.localcodemodel.model.ModelFormatException;
import io.localcodemodel.tokenizer.GgufVocabulary;
import io.localcodemodel.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// What a GGUF file holds: weights, the tokenizer, and which tokens end a text.
record GgufContents(GgufModel model, Tokenizer tokenizer, GenerationDefaults defaults) {
    /// Keys that name a token which ends a text, or a turn of one.
    private static final List<String> ENDS = List.of("tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id");

    static boolean handles(Path path) {
        return Files.isRegularFile(path)
                && String.valueOf(path.getFileName()).toLowerCase(Locale.ROOT).endsWith(".gguf");
    }

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

    private static GenerationDefaults defaults(Tokenizer tokenizer, Map<String, Object> metadata) {
        Set<Integer> ends = new LinkedHashSet<>(GenerationDefaults.of(tokenizer).endTokens());
        for (String key : ENDS) {
            if (metadata.get(key) instanceof Integer id && id >= 0 && id < tokenizer.vocabularySize()) {
                ends.add(id);
            }
        }
        return new GenerationDefaults(ends, Map.of());
    }
}
