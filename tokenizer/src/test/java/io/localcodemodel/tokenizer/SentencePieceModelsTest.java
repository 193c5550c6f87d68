package io.localcodemodel.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.jr.ob.JSON;

/// Small SentencePiece models against SentencePiece itself (see the README beside them).
class SentencePieceModelsTest {

    private static final Path FOLDER = Path.of("src/test/resources/sentencepiece");

    @ParameterizedTest
    @ValueSource(strings = {"unigram", "unigram-bytes", "unigram-defined", "bpe", "characters"})
    void equals_sentencepiece(String name, @TempDir Path saved) throws Exception {
        Tokenizer tokenizer = Tokenizer.load(FOLDER.resolve(name + ".model"));
        tokenizer.save(saved);
        Tokenizer again = Tokenizer.load(saved);

        List<?> cases = (List<?>) JSON.std.anyFrom(Files.readAllBytes(FOLDER.resolve(name + ".cases.json")));
        assertThat(cases).hasSize(120);
        for (Object element : cases) {
            Map<?, ?> expected = (Map<?, ?>) element;
            String text = (String) expected.get("text");
            int[] ids = ((List<?>) expected.get("ids"))
                    .stream().mapToInt(id -> (Integer) id).toArray();
            assertThat(tokenizer.encode(text)).as(text).isEqualTo(ids);
            assertThat(again.encode(text)).as("saved: %s", text).isEqualTo(ids);
            Encoding encoding = tokenizer.encoding(text, EncodeOptions.TEXT);
            assertThat(encoding.ids()).as(text).isEqualTo(ids);
            assertThat(encoding.starts()).as(text).isSorted();
            assertThat(Arrays.stream(encoding.ends()).max().orElse(0)).isLessThanOrEqualTo(text.length());
        }
    }

    @Test
    void refuses_a_user_defined_piece_that_normalisation_changes() throws Exception {
        byte[] model = Files.readAllBytes(FOLDER.resolve("unigram-defined.model"));
        int at = new String(model, StandardCharsets.ISO_8859_1).indexOf("==>");
        model[at] = ' ';

        assertThatThrownBy(() -> SentencePieceFile.read(model, "changed.model"))
                .isInstanceOf(TokenizerFormatException.class)
                .hasMessageContaining("user-defined")
                .hasMessageContaining("\" =>\"");
    }
}
