package io.localcodemodel.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.localcodemodel.model.json.Json;
import io.localcodemodel.tensor.Arena;
import io.localcodemodel.tensor.Compute;
import io.localcodemodel.tensor.Pass;
import io.localcodemodel.tensor.Var;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/// What llama2.c computed with a model: a prompt, its greedy continuation, and after each token the logits.
///
/// @param promptTokens how many of the ids were given
/// @param logits `[ids.length, vocabularySize]`, row-major
record Recorded(int promptTokens, int[] ids, int vocabularySize, float[] logits) {
    /// Reads `NAME.json` and `NAME.logits.bin` beside it.
    static Recorded of(Path json) throws IOException {
        int promptTokens = ((Number) Json.read(json).get("prompt_tokens")).intValue();
        Path file = Path.of(json.toString().replace(".json", ".logits.bin"));
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        int count = bytes.getInt();
        int vocabularySize = bytes.getInt();
        int[] ids = new int[count];
        for (int i = 0; i < count; i++) {
            ids[i] = bytes.getInt();
        }
        float[] logits = new float[count * vocabularySize];
        bytes.asFloatBuffer().get(logits);
        return new Recorded(promptTokens, ids, vocabularySize, logits);
    }

    /// All logits in one forward, and the continuation token by token through a cache.
    void assertReproducedBy(Transformer model) {
        try (Compute compute = Compute.create(2)) {
            try (Pass pass = Pass.inference(compute, new Arena())) {
                Var hidden = model.hidden(pass, TokenBatch.single(ids, 0));
                assertThat(model.logits(pass, hidden).value().toArray()).containsExactly(logits, within(1e-3f));
            }
            KvCache cache = model.newCache(8);
            int[] next = Arrays.copyOf(ids, promptTokens);
            for (int t = promptTokens; t < ids.length; t++) {
                try (Pass pass = Pass.inference(compute, new Arena())) {
                    Var hidden = model.hidden(pass, TokenBatch.single(next, cache.length()), cache);
                    float[] row = model.logits(pass, hidden, new int[] {next.length - 1})
                            .value()
                            .toArray();
                    next = new int[] {GoldenModelTest.best(row)};
                }
                assertThat(next[0]).as("token " + t).isEqualTo(ids[t]);
            }
        }
    }
}
