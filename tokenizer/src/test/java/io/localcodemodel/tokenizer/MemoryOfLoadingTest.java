package io.localcodemodel.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A small file cannot make loading fill the memory.
class MemoryOfLoadingTest {

    private static final String MODEL = "\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0},\"merges\":[]}";

    private static Tokenizer read(String json) throws TokenizerFormatException {
        return TokenizerJson.read(json.getBytes(StandardCharsets.UTF_8), "tokenizer.json");
    }

    private static String chained(String stage, int count) {
        return String.join(",", Collections.nCopies(count, stage));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"type\":\"Replace\",\"pattern\":{\"String\":\"a\"},\"content\":\"aaaaaaaaaa\"}",
                "{\"type\":\"Replace\",\"pattern\":{\"Regex\":\"a\"},\"content\":\"aaaaaaaaaa\"}"
            })
    void stages_that_multiply_a_token_are_refused(String stage) throws Exception {
        String normalizer = "{\"normalizer\":{\"type\":\"Sequence\",\"normalizers\":[%s]},"
                + "\"added_tokens\":[{\"id\":1,\"content\":\"a\",\"normalized\":true}]," + MODEL + "}";
        String decoder = "{\"decoder\":{\"type\":\"Sequence\",\"decoders\":[%s]}," + MODEL + "}";
        for (String file : List.of(normalizer, decoder)) {
            assertThat(read(file.formatted(chained(stage, 3))).vocabularySize()).isPositive();
            assertThatThrownBy(() -> read(file.formatted(chained(stage, 12))))
                    .isInstanceOf(TokenizerFormatException.class)
                    .hasMessageContaining("a token of 1 bytes may become");
        }
    }

    @Test
    void a_template_that_names_a_token_many_times_holds_its_ids_once() throws Exception {
        String special = "{\"SpecialToken\":{\"id\":\"x\",\"type_id\":0}}";
        Tokenizer tokenizer = read("{\"post_processor\":{\"type\":\"TemplateProcessing\",\"single\":["
                + chained(special, 3) + "],\"pair\":[" + special + "],\"special_tokens\":{\"x\":{\"id\":\"x\","
                + "\"ids\":[0,0],\"tokens\":[]}}}," + MODEL + "}");
        TemplatePostProcessor template =
                (TemplatePostProcessor) tokenizer.postProcessor().orElseThrow();
        int[] first = ((TemplatePostProcessor.Special) template.single().getFirst()).ids();
        assertThat(template.single())
                .hasSize(3)
                .allSatisfy(piece -> assertThat(((TemplatePostProcessor.Special) piece).ids())
                        .isSameAs(first));
        assertThat(((TemplatePostProcessor.Special) template.pair().getFirst()).ids())
                .isSameAs(first);
    }
}
