package io.localcodemodel.model;

import java.io.IOException;
import java.nio.file.Path;
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

    @Test
    void a_character_model_gives_the_recorded_ids_and_logits() throws IOException {
        Path folder = models().resolve("babyllama-tok105");
        Recorded.of(folder.resolve("expected/p1.json"))
                .assertReproducedBy(Transformer.load(folder.resolve("model5000.bin")));
    }
}
