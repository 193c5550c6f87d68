package io.localcodemodel.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A tokenizer is saved in the format that the name says, as it is loaded.
class SavedNamesTest {

    private static final Tokenizer BYTES =
            BpeTrainer.builder().vocabularySize(260).build().train(List.of("int x; int y;"));

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"vocab.json", "merges.txt", "tokenizer_config.json", "a.tiktoken", "config.json"})
    void a_file_that_holds_no_tokenizer_alone_is_refused_and_left_alone(String name) throws Exception {
        Path file = Files.writeString(folder.resolve(name), "{}");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BYTES.save(file))
                .withMessageContaining(name)
                .withMessageContaining("Save to its folder instead");
        assertThat(file).hasContent("{}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.json", "a-model-1.5", "tokenizer.json"})
    void what_can_be_written_under_a_name_is_loaded_from_it(String name) throws Exception {
        BYTES.save(folder.resolve(name));
        assertThat(Tokenizer.load(folder.resolve(name)).encode("int z;")).isEqualTo(BYTES.encode("int z;"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.model", "a.bin"})
    void what_the_format_of_a_name_cannot_hold_is_refused(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BYTES.save(folder.resolve(name)))
                .withMessageContaining("save it as tokenizer.json");
        assertThat(folder.resolve(name)).doesNotExist();
    }
}
