package io.localcodemodel.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.localcodemodel.model.file.GgufFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Trained models that are too large to lie beside the tests.
@Tag("shared-data")
class SharedDataTest {
    private static Path models() {
        return Path.of(Objects.requireNonNull(System.getProperty("sharedData"), "the system property sharedData"))
                .resolve("data/models");
    }

    @ParameterizedTest
    @ValueSource(strings = {"p1", "p2", "p3", "p4"})
    void stories260K_gives_the_recorded_ids_and_logits(String prompt) throws IOException {
        Path folder = models().resolve("stories260K");
        Recorded.of(folder.resolve("expected/" + prompt + ".json"))
                .assertReproducedBy(Transformer.load(folder.resolve("stories260K.bin")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"p1", "p2", "p3", "p4"})
    void stories260K_in_gguf_is_the_same_model(String prompt) throws IOException {
        Path folder = models().resolve("stories260K");
        Transformer model = Transformer.load(folder.resolve("stories260K.gguf"));
        Recorded.of(folder.resolve("expected/" + prompt + ".json")).assertReproducedBy(model);
        try (GgufModel mapped = GgufModel.open(folder.resolve("stories260K.gguf"))) {
            Recorded.of(folder.resolve("expected/" + prompt + ".json")).assertReproducedBy(mapped.transformer());
        }
    }

    @Test
    void vocabularies_in_gguf_have_their_keys_and_no_tensors() throws IOException {
        Path file = models().resolveSibling("tokenizers/llamacpp/ggml-vocab-gpt-2.gguf");
        try (GgufFile gguf = GgufFile.open(file)) {
            assertThat(gguf.metadata()).containsEntry("general.architecture", "gpt2");
            assertThat((List<?>) gguf.metadata().get("tokenizer.ggml.tokens")).hasSize(50_257);
            assertThat(gguf.entries()).isEmpty();
        }
    }

    @Test
    void a_character_model_gives_the_recorded_ids_and_logits() throws IOException {
        Path folder = models().resolve("babyllama-tok105");
        Recorded.of(folder.resolve("expected/p1.json"))
                .assertReproducedBy(Transformer.load(folder.resolve("model5000.bin")));
    }
}
