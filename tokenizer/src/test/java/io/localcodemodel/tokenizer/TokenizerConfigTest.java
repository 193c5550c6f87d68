package io.localcodemodel.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.localcodemodel.tokenizer.chat.ChatMessage;
import io.localcodemodel.tokenizer.chat.ChatOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.jr.ob.JSON;

class TokenizerConfigTest {

    private static final Tokenizer TOKENIZER = BpeTrainer.builder()
            .vocabularySize(270)
            .specialTokens("<s>", "</s>", "<|im_end|>", "<pad>")
            .build()
            .train(List.of("int x = 1;"));

    @TempDir
    private Path folder;

    @BeforeEach
    void writeVocabulary() throws IOException {
        TOKENIZER.save(folder.resolve("tokenizer.json"));
    }

    private Tokenizer with(String config) throws IOException {
        Files.writeString(folder.resolve("tokenizer_config.json"), config);
        return Tokenizer.load(folder);
    }

    @Test
    void the_files_say_what_a_token_is_for() throws IOException {
        assertThat(Tokenizer.load(folder).endOfText()).hasValue(1);
        Tokenizer tokenizer = with("{\"eos_token\": \"<|im_end|>\", \"pad_token\": {\"content\": \"</s>\"}}");
        assertThat(tokenizer.endOfText()).hasValue(2);
        assertThat(tokenizer.special(SpecialRole.PADDING)).hasValue(1);
        assertThat(tokenizer.special(SpecialRole.BEGIN_OF_TEXT)).hasValue(0);
    }

    @Test
    void the_map_of_special_tokens_fills_in_what_the_config_does_not_say() throws IOException {
        Files.writeString(
                folder.resolve("special_tokens_map.json"), "{\"eos_token\": \"<pad>\", \"bos_token\": \"</s>\"}");
        Tokenizer tokenizer = with("{\"eos_token\": \"<|im_end|>\", \"bos_token\": null}");
        assertThat(tokenizer.endOfText()).hasValue(2);
        assertThat(tokenizer.special(SpecialRole.BEGIN_OF_TEXT)).hasValue(1);
    }

    @Test
    void a_template_may_stand_in_the_config_or_beside_it_or_be_one_of_several() throws IOException {
        List<ChatMessage> messages = List.of(ChatMessage.user("x"));
        Tokenizer one = with("{\"chat_template\": \"{{ bos_token }}{{ messages[0].content }}{{ eos_token }}\","
                + " \"bos_token\": \"<s>\", \"eos_token\": \"</s>\"}");
        assertThat(one.chatPrompt(messages, ChatOptions.DEFAULTS).text()).isEqualTo("<s>x</s>");
        Tokenizer several = with("{\"chat_template\": [{\"name\": \"default\", \"template\": \"d\"},"
                + " {\"name\": \"tool_use\", \"template\": \"t{{ tools | length }}\"}]}");
        assertThat(several.chatPrompt(messages, ChatOptions.DEFAULTS).text()).isEqualTo("d");
        ChatOptions tools = ChatOptions.DEFAULTS.withTools(List.of(Map.of("name", "f")));
        assertThat(several.chatPrompt(messages, tools).text()).isEqualTo("t1");
        Files.writeString(folder.resolve("chat_template.jinja"), "file");
        assertThat(Tokenizer.load(folder)
                        .chatPrompt(messages, ChatOptions.DEFAULTS)
                        .text())
                .isEqualTo("file");
    }

    @Test
    void some_classes_decide_about_framing() throws IOException {
        assertThat(with("{\"tokenizer_class\": \"LlamaTokenizerFast\", \"add_bos_token\": true}")
                        .encode("x", EncodeOptions.PROMPT))
                .startsWith(0)
                .hasSize(2);
        assertThat(with("{\"tokenizer_class\": \"LlamaTokenizer\", \"add_bos_token\": false, \"add_eos_token\": true}")
                        .encode("x", EncodeOptions.PROMPT))
                .endsWith(1)
                .hasSize(2);
        assertThat(with("{\"tokenizer_class\": \"GPT2Tokenizer\", \"add_bos_token\": true}")
                        .encode("x", EncodeOptions.PROMPT))
                .hasSize(1);
    }

    @Test
    void a_saved_folder_says_what_was_loaded() throws IOException {
        Tokenizer tokenizer = with("{\"tokenizer_class\": \"Qwen2Tokenizer\", \"eos_token\": \"<|im_end|>\","
                + " \"chat_template\": \"{{ 1 }}\", \"model_max_length\": 4096, \"infilling\": true}");
        Path copy = folder.resolve("copy");
        tokenizer.save(copy);
        assertThat(Tokenizer.load(copy).config().further())
                .containsEntry("tokenizer_class", "Qwen2Tokenizer")
                .containsEntry("model_max_length", 4096);
        assertThat(Tokenizer.load(copy).config().chatTemplates()).containsEntry("default", "{{ 1 }}");
        assertThat(Tokenizer.load(copy).config().infilling()).hasValue(true);
        assertThat(Tokenizer.load(copy).endOfText()).hasValue(2);
        tokenizer.save(folder.resolve("again"));
        assertThat(folder.resolve("again/tokenizer_config.json"))
                .hasSameBinaryContentAs(copy.resolve("tokenizer_config.json"));
    }

    @Test
    void a_role_that_the_file_gives_to_no_token_is_written_as_it_was() throws IOException {
        Tokenizer tokenizer = with("{\"eos_token\": \"<|im_end|>\", \"bos_token\": null}");
        Path copy = folder.resolve("copy");
        tokenizer.save(copy);
        assertThat(JSON.std.mapFrom(Files.readString(copy.resolve("tokenizer_config.json"))))
                .containsEntry("eos_token", "<|im_end|>")
                .containsEntry("bos_token", null)
                .doesNotContainKey("pad_token");
        with("{\"bos_token\": null, \"eos_token\": null}").save(copy);
        assertThat(JSON.std.mapFrom(Files.readString(copy.resolve("tokenizer_config.json"))))
                .containsEntry("bos_token", null)
                .containsEntry("eos_token", null)
                .doesNotContainKey("pad_token");
    }

    @Test
    void a_saved_template_wins_over_the_file_of_an_earlier_one() throws IOException {
        Path file = folder.resolve("chat_template.jinja");
        Files.writeString(file, "old");
        Files.createDirectory(folder.resolve("additional_chat_templates"));
        Files.writeString(folder.resolve("additional_chat_templates/tool_use.jinja"), "old tools");
        Tokenizer loaded = Tokenizer.load(folder);
        assertThat(loaded.config().chatTemplates()).containsOnlyKeys("default", "tool_use");

        TOKENIZER.withConfig(TokenizerConfig.EMPTY.withChatTemplate("new")).save(folder);
        assertThat(Tokenizer.load(folder).config().chatTemplates()).containsEntry("default", "new");
        assertThat(file).hasContent("new");

        Tokenizer several = with("{\"chat_template\": [{\"name\": \"default\", \"template\": \"one\"},"
                + " {\"name\": \"tool_use\", \"template\": \"two\"}]}");
        several.withConfig(several.config().withChatTemplate("three")).save(folder);
        assertThat(file).doesNotExist();
        assertThat(Tokenizer.load(folder).config().chatTemplates())
                .containsExactlyInAnyOrderEntriesOf(Map.of("default", "three", "tool_use", "two"));
    }

    @Test
    void a_new_folder_tells_other_software_to_take_the_vocabulary_as_it_is() throws IOException {
        TOKENIZER.save(folder);
        assertThat(JSON.std.mapFrom(Files.readString(folder.resolve("tokenizer_config.json"))))
                .containsEntry("tokenizer_class", "PreTrainedTokenizerFast")
                .containsEntry("bos_token", "<s>")
                .containsEntry("eos_token", "</s>")
                .containsEntry("pad_token", "<pad>")
                .containsEntry("clean_up_tokenization_spaces", false)
                .containsEntry("infilling", false);
    }

    @Test
    void names_the_key_that_cannot_be_used() {
        assertThatExceptionOfType(TokenizerFormatException.class)
                .isThrownBy(() -> with("{\"eos_token\": 7}"))
                .withMessageContaining("tokenizer_config.json")
                .withMessageContaining("at eos_token expected a token, or an object with its content, found 7");
        assertThatExceptionOfType(TokenizerFormatException.class)
                .isThrownBy(() -> with("{\"chat_template\": {}}"))
                .withMessageContaining("at chat_template expected a template, or a list");
        assertThatExceptionOfType(TokenizerFormatException.class)
                .isThrownBy(() -> with("{\"add_bos_token\": \"yes\"}"))
                .withMessageContaining("at add_bos_token expected true or false");
        assertThatExceptionOfType(TokenizerFormatException.class).isThrownBy(() -> with("["));
    }
}
