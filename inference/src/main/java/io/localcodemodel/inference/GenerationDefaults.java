package io.localcodemodel.inference;

import io.localcodemodel.model.ModelFormatException;
import io.localcodemodel.model.json.Json;
import io.localcodemodel.tokenizer.SpecialRole;
import io.localcodemodel.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a model folder says about generating: `generation_config.json`, in the keys of the Hugging Face library.
///
/// @param endTokens the ids that end a text
/// @param values the other keys of the file
record GenerationDefaults(Set<Integer> endTokens, Map<String, @Nullable Object> values) {
    /// Top-k where the file asks for sampling and says nothing about it, as in the Hugging Face library.
    private static final int PUBLISHED_TOP_K = 50;
    private static final String END_TOKENS = "eos_token_id";

    GenerationDefaults {
        endTokens = Set.copyOf(endTokens);
    }

    /// What follows from the tokenizer alone.
    static GenerationDefaults of(Tokenizer tokenizer) {
        Set<Integer> ends = new LinkedHashSet<>();
        tokenizer.endOfText().ifPresent(ends::add);
        return new GenerationDefaults(ends, Map.of());
    }

    /// What a file says.
    ///
    /// @throws ModelFormatException naming everything in it that cannot be used
    static GenerationDefaults read(Path file, Tokenizer tokenizer) throws IOException {
        Map<String, @Nullable Object> values = Json.read(file);
        List<String> problems = new ArrayList<>();
        Set<Integer> ends = endTokens(values.get(END_TOKENS), tokenizer, problems);
        if (values.get(END_TOKENS) == null) {
            tokenizer.endOfText().ifPresent(ends::add);
        }
        GenerationDefaults defaults = new GenerationDefaults(ends, values);
        try {
            defaults.options(1);
        } catch (IllegalArgumentException refused) {
            problems.add(String.valueOf(refused.getMessage()));
        }
        if (!problems.isEmpty()) {
            throw ModelFormatException.of(file, problems, "Correct the file, or remove it to go without suggestions.");
        }
        return defaults;
    }

    private static Set<Integer> endTokens(@Nullable Object ids, Tokenizer tokenizer, List<String> problems) {
        Set<Integer> ends = new LinkedHashSet<>();
        List<?> all = ids instanceof List<?> list ? list : ids == null ? List.of() : List.of(ids);
        for (Object id : all) {
            if (id instanceof Integer token && token >= 0 && token < tokenizer.vocabularySize()) {
                ends.add(token);
            } else {
                problems.add(END_TOKENS + ": expected ids of the tokenizer, 0 to " + (tokenizer.vocabularySize() - 1)
                        + ", found " + id);
            }
        }
        return ends;
    }

    /// The contents of the file.
    String json(Tokenizer tokenizer) {
        Map<String, @Nullable Object> contents = new LinkedHashMap<>();
        tokenizer.special(SpecialRole.BEGIN_OF_TEXT).ifPresent(id -> contents.put("bos_token_id", id));
        tokenizer.special(SpecialRole.PADDING).ifPresent(id -> contents.put("pad_token_id", id));
        contents.put("do_sample", false);
        contents.putAll(values);
        List<Integer> ends = endTokens.stream().sorted().toList();
        contents.remove(END_TOKENS);
        if (!ends.isEmpty()) {
            contents.put(END_TOKENS, ends.size() == 1 ? ends.getFirst() : ends);
        }
        return Json.pretty(contents);
    }

    /// @throws IllegalArgumentException if a value is out of range
    GenerationOptions options(int maximumTokens) {
        GenerationOptions.Builder builder = GenerationOptions.builder().maximumTokens(maximumTokens);
        float repetition = number("repetition_penalty", 1);
        if (repetition != 1) {
            builder.repetitionPenalty(repetition);
        }
        float temperature = number("temperature", 1);
        if (!Boolean.TRUE.equals(values.get("do_sample")) || temperature == 0) {
            return builder.build();
        }
        builder.temperature(temperature);
        int topK = (int) number("top_k", PUBLISHED_TOP_K);
        if (topK != 0) {
            builder.topK(topK);
        }
        float topP = number("top_p", 1);
        if (topP != 1) {
            builder.topP(topP);
        }
        float minP = number("min_p", 0);
        if (minP != 0) {
            builder.minP(minP);
        }
        float typicalP = number("typical_p", 1);
        if (typicalP != 1) {
            builder.typicalP(typicalP);
        }
        return builder.build();
    }

    private float number(String key, float absent) {
        Object value = values.get(key);
        if (value != null && !(value instanceof Number)) {
            throw new IllegalArgumentException(key + ": expected a number, found " + value);
        }
        return value instanceof Number number ? number.floatValue() : absent;
    }
}
