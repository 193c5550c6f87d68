package io.localcodemodel.benchmarks;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import tools.jackson.jr.ob.JSON;

/// Asks the Hugging Face library for the cases of `tokenizer/src/test/resources/pipelines`.
///
/// ```text
/// benchmarks/run TokenizerCases --peers FILE...
/// ```
///
/// Each file holds a `tokenizer` and is written again with the `cases` of its texts. A file without cases, which is how a
/// new one begins, gets random texts; these depend on the tokenizer's vocabulary and a fixed seed alone.
public final class TokenizerCases {

    private static final int TEXTS = 40;
    private static final long SEED = 42;
    private static final String[] PIECES = {
        " ", "  ", "\n", "\t", "Hello", "world", "lower", "newest", "int", "x1", "123", "e\u0301", "Größe", "漢字",
        "\uD83D\uDE00", "don't", "_", "-", ".", ",", "!?", "{}", "()", "İ", "ﬁ", "\u00a0", "</w>", "##",
    };

    private TokenizerCases() {}

    /// Writes the cases of every file that is named.
    public static void main(String[] arguments) throws IOException {
        int files = 0;
        int cases = 0;
        int changed = 0;
        for (String name : arguments) {
            if (name.startsWith("--")) {
                continue;
            }
            Path file = Path.of(name);
            Map<String, Object> before = JSON.std.mapFrom(Files.readString(file));
            List<?> old = before.get("cases") instanceof List<?> list ? list : List.of();
            List<Map<String, @Nullable Object>> all = cases(before, old);
            write(file, before, all);
            for (int i = 0; i < old.size(); i++) {
                // numbers are compared as they are written
                changed += JSON.std.asString(old.get(i)).equals(JSON.std.asString(all.get(i))) ? 0 : 1;
            }
            files++;
            cases += all.size();
        }
        Map<String, Integer> result = new LinkedHashMap<>();
        result.put("files", files);
        result.put("cases", cases);
        result.put("changed", changed);
        System.out.println(JSON.std.asString(result));
    }

    private static List<Map<String, @Nullable Object>> cases(Map<String, Object> file, List<?> old) throws IOException {
        Path json = Files.createTempFile("tokenizer", ".json");
        try {
            Files.write(json, JSON.std.with(JSON.Feature.WRITE_NULL_PROPERTIES).asBytes(file.get("tokenizer")));
            Map<String, String> options = Map.of("truncation", "false", "padding", "false");
            try (HuggingFaceTokenizer reference = HuggingFaceTokenizer.newInstance(json, options)) {
                List<Map<String, @Nullable Object>> cases = new ArrayList<>();
                for (Object element : old) {
                    Map<?, ?> known = (Map<?, ?>) element;
                    cases.add(asked(reference, String.valueOf(known.get("text")), (String) known.get("pair")));
                }
                Random random = new Random(SEED);
                while (old.isEmpty() && cases.size() < TEXTS) {
                    cases.add(asked(reference, text(random), null));
                }
                return cases;
            }
        } finally {
            Files.delete(json);
        }
    }

    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        for (int pieces = random.nextInt(12); pieces > 0; pieces--) {
            text.append(PIECES[random.nextInt(PIECES.length)]).append(random.nextBoolean() ? " " : "");
        }
        return text.toString();
    }

    private static Map<String, @Nullable Object> asked(
            HuggingFaceTokenizer reference, String text, @Nullable String pair) {
        Encoding framed =
                pair == null ? reference.encode(text, true, false) : reference.encode(text, pair, true, false);
        Map<String, @Nullable Object> asked = new LinkedHashMap<>();
        asked.put("text", text);
        asked.put("pair", pair);
        asked.put("ids", framed.getIds());
        asked.put("offsets", offsets(framed));
        asked.put("types", framed.getTypeIds());
        asked.put("plain", reference.encode(text, false, false).getIds());
        asked.put("decoded", reference.decode(framed.getIds(), true));
        asked.put("decodedAll", reference.decode(framed.getIds(), false));
        return asked;
    }

    private static List<int[]> offsets(Encoding encoding) {
        return Arrays.stream(encoding.getCharTokenSpans())
                .map(span -> span == null ? new int[2] : new int[] {span.getStart(), span.getEnd()})
                .toList();
    }

    /// One line a case, so that a change shows.
    private static void write(Path file, Map<String, Object> content, List<Map<String, @Nullable Object>> cases)
            throws IOException {
        JSON json = JSON.std.with(JSON.Feature.WRITE_NULL_PROPERTIES);
        StringBuilder text = new StringBuilder("{\"exactOffsets\":")
                .append(content.getOrDefault("exactOffsets", true))
                .append(",\n\"tokenizer\":")
                .append(json.asString(content.get("tokenizer")))
                .append(",\n\"cases\":[");
        for (int i = 0; i < cases.size(); i++) {
            text.append(i == 0 ? "\n" : ",\n").append(json.asString(cases.get(i)));
        }
        Files.writeString(file, text.append("\n]}\n"));
    }
}
