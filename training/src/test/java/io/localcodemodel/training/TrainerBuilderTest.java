package io.localcodemodel.training;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.localcodemodel.model.GgufModel;
import io.localcodemodel.model.Transformer;
import io.localcodemodel.tensor.Compute;
import io.localcodemodel.tensor.format.BlockFormat;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a builder refuses.
class TrainerBuilderTest {
    @Test
    void all_problems_of_a_builder_are_named_together() {
        assertThatThrownBy(() -> Trainer.builder()
                        .batch(0)
                        .batch(8)
                        .corpus(Corpus.texts("a"))
                        .validateEvery(10)
                        .workers(1)
                        .compute(Compute.reference())
                        .checkpoints(Checkpoints.in(Path.of("unused")).keepingBest())
                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("batch: expected at least 1 window, found 0")
                .hasMessageContaining("batch is set twice")
                .hasMessageContaining("model is missing")
                .hasMessageContaining("a corpus needs a tokenizer")
                .hasMessageContaining("nothing to validate on")
                .hasMessageContaining("the run has no end")
                .hasMessageContaining("workers and compute exclude each other");
    }

    @Test
    void a_builder_refuses_a_model_whose_weights_stay_in_their_file(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("model.gguf");
        GgufModel.save(file, TinyRuns.model(), BlockFormat.F16, Map.of());
        try (GgufModel mapped = GgufModel.open(file)) {
            assertThatThrownBy(() -> TinyRuns.run(mapped.transformer()).steps(1).build())
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("parameters of the model are frozen, such as embedding.weight")
                    .hasMessageContaining("load it with Transformer.load(path)");
        }
        TinyRuns.run(Transformer.load(file)).steps(1).build().run();
    }

    @Test
    void a_builder_refuses_what_does_not_fit_the_model() {
        Transformer model = TinyRuns.model();
        TokenStream large = TokenStream.of(300, OptionalInt.empty(), 3, new int[] {1, 299, 2});
        assertThatThrownBy(() -> Trainer.builder()
                        .model(model)
                        .tokens(large)
                        .contextLength(17)
                        .packing(Packing.DOCUMENTS)
                        .resume()
                        .steps(1)
                        .build())
                .hasMessageContaining("vocabulary of 300, the model has only 24")
                .hasMessageContaining("contextLength 17 is longer than the model's 16")
                .hasMessageContaining("an end-of-text token")
                .hasMessageContaining("resume needs checkpoints");
    }

    @Test
    void a_context_that_takes_very_much_memory_has_to_be_asked_for() {
        Transformer model = TinyRuns.model(TinyRuns.VOCABULARY, 131_072);
        assertThatThrownBy(() -> TinyRuns.run(model).steps(1).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the model's context is 131072 tokens, and 2 windows of it 262144 tokens")
                .hasMessageContaining("say contextLength(");
        TinyRuns.run(model).steps(1).contextLength(16).build().run();
        TinyRuns.run(model).steps(1).contextLength(131_072).build();
    }
}
