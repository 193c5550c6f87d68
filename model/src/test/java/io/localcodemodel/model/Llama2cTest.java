package io.localcodemodel.model;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A trained model in llama2.c's format, against what llama2.c computes with it.
class Llama2cTest {
    private static final Path FILE = Golden.resource("stories260K/stories260K.bin");

    @ParameterizedTest
    @ValueSource(strings = {"p1", "p2", "p3", "p4"})
    void a_trained_model_gives_the_recorded_ids_and_logits(String prompt) throws IOException {
        Recorded.of(Golden.resource("stories260K/expected/" + prompt + ".json"))
                .assertReproducedBy(Transformer.load(FILE));
    }

    @Test
    void a_model_read_from_it_can_be_saved_and_loaded(@TempDir Path folder) throws IOException {
        Transformer model = Transformer.load(FILE);
        model.save(folder);
        Recorded.of(Golden.resource("stories260K/expected/p1.json")).assertReproducedBy(Transformer.load(folder));
    }

    @Test
    void refuses_a_file_whose_length_is_not_what_its_header_says(@TempDir Path folder) throws IOException {
        byte[] bytes = Files.readAllBytes(FILE);
        Path cut = folder.resolve("cut.bin");
        for (int length : new int[] {0, 10, 28, 5000, bytes.length - 1}) {
            Files.write(cut, Arrays.copyOf(bytes, length));
            assertThatThrownBy(() -> Transformer.load(cut))
                    .isInstanceOf(ModelFormatException.class)
                    .hasMessageContaining(cut.toString());
        }
    }

    @Test
    void refuses_a_header_that_is_not_one(@TempDir Path folder) throws IOException {
        Path file = Files.write(folder.resolve("other.bin"), new byte[100]);
        assertThatThrownBy(() -> Transformer.load(file))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("the header is not that of a llama2.c model");
    }
}
