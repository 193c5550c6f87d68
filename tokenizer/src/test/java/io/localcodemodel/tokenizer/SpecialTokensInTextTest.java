package io.localcodemodel.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Text turns into no special token, whatever the model makes of words.
class SpecialTokensInTextTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '"',
            value = {
                // a whole word that is a token
                "{'unk_token':'<unk>','ignore_merges':true,'merges':[]}; null; 3 4 5",
                "{'ignore_merges':true,'merges':[]}; {'type':'ByteLevel','add_prefix_space':false,'use_regex':false};"
                        + " 3 4 5",
                "{'ignore_merges':true,'end_of_word_suffix':'/','merges':[]}; null; 3 4 6",
                // what merges make
                "{'unk_token':'<unk>','merges':['< s','<s >']}; null; 7 5",
                "{'merges':['< s','<s >']}; {'type':'ByteLevel','add_prefix_space':false,'use_regex':false}; 7 5",
                "{'continuing_subword_prefix':'#','merges':['< #s','<s #>']}; null; 7 9",
                // the longest tokens
                "{'type':'WordPiece','unk_token':'<unk>','continuing_subword_prefix':'#'}; null; 7 9",
            })
    void of_a_model(String model, String splitter, String expected) throws Exception {
        String json =
                """
                {"added_tokens":[{"id":1,"content":"<s>","special":true}],"pre_tokenizer":%s,"model":%s,
                "vocab":{"<unk>":0,"<s>":1,"a":2,"<":3,"s":4,">":5,">/":6,"<s":7,"#s":8,"#>":9}}}
                """.formatted(splitter, model.substring(0, model.length() - 1)).replace('\'', '"');
        Tokenizer tokenizer = TokenizerJson.read(json.getBytes(StandardCharsets.UTF_8), "tokenizer.json");
        int[] text = List.of(expected.split(" ")).stream()
                .mapToInt(Integer::parseInt)
                .toArray();
        assertThat(tokenizer.encode("<s>")).isEqualTo(text);
        assertThat(tokenizer.encoding("<s>", EncodeOptions.TEXT).ids()).isEqualTo(text);
        assertThat(tokenizer.encode("<s>", EncodeOptions.MARKUP)).containsExactly(1);
        assertThat(TokenizerJson.json(tokenizer).get("model").toString()).contains("<s>");
    }

    @Test
    void of_a_unigram_model() {
        Tokenizer tokenizer = Tokenizer.builder()
                .model(Unigram.of(List.of("<unk>", "<s>", "<", "s", ">"), new double[5], 0, false))
                .addedToken(AddedToken.special("<s>", 1))
                .build();
        assertThat(tokenizer.encode("<s>")).containsExactly(2, 3, 4);
    }

    @Test
    void a_word_that_happens_to_be_called_null_marks_no_gap() {
        assertThat(new AddedToken("null", 3, false, false, false, false, false).controls())
                .isFalse();
        assertThat(new AddedToken("<|fim_middle|>", 3, false, false, false, false, false).controls())
                .isTrue();
    }
}
