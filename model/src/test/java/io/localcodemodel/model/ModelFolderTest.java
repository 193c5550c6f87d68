package io.localcodemodel.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What happens to a folder that holds no model, a damaged one, or half of one.
class ModelFolderTest {
    @TempDir
    Path folder;

    private Path config;
    private Path weights;

    private static Transformer model(int layers, double theta, long seed) {
        return Transformer.initialise(
                TransformerConfig.llama()
                        .vocabularySize(20)
                        .contextLength(8)
                        .layers(layers)
                        .width(16)
                        .heads(2)
                        .position(Position.Rotary.of(theta))
                        .build(),
                seed);
    }

    @BeforeEach
    void save() throws IOException {
        config = folder.resolve("config.json");
        weights = folder.resolve("model.safetensors");
        model(2, 10_000, 1).save(folder);
    }

    private void refused(String... parts) {
        assertThatThrownBy(() -> Transformer.load(folder))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContainingAll(parts);
    }

    @Test
    void refuses_a_folder_that_is_not_there() {
        assertThatThrownBy(() -> Transformer.load(folder.resolve("nowhere")))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("nowhere")
                .hasMessageContaining("found nothing");
        assertThatThrownBy(() -> Transformer.load(config)).hasMessageContaining("found a file");
    }

    @Test
    void refuses_a_folder_without_a_model_and_says_what_is_there() throws IOException {
        Files.delete(weights);
        Files.move(config, folder.resolve("notes.txt"));
        refused("no model here", "missing config.json and model.safetensors", "found notes.txt");
    }

    @Test
    void refuses_a_config_that_is_not_json() throws IOException {
        Files.writeString(config, "{ \"model_type\": ");
        refused(config.toString(), "is not a JSON object");
    }

    @Test
    void refuses_a_model_type_that_nobody_knows_and_lists_those_known() throws IOException {
        Files.writeString(config, "{\"model_type\": \"mamba\"}");
        refused("found 'mamba'", "llama", "gpt2");
    }

    @Test
    void names_every_key_that_is_missing_or_malformed() throws IOException {
        Files.writeString(config, "{\"model_type\": \"llama\", \"hidden_size\": \"wide\", \"vocab_size\": 1e9}");
        refused(
                "hidden_size: expected a whole number below 2^31, found wide",
                "vocab_size: expected",
                "num_hidden_layers: expected a whole number, found nothing",
                "intermediate_size");
    }

    @Test
    void refuses_a_config_that_contradicts_itself() throws IOException {
        edit("\"num_key_value_heads\" : 2", "\"num_key_value_heads\" : 3");
        refused("heads must be divisible by kvHeads: 2 % 3 = 2");
    }

    @Test
    void refuses_a_kind_of_rope_that_it_cannot_compute() throws IOException {
        edit("\"rope_scaling\" : null", "\"rope_scaling\" : {\"rope_type\": \"yarn\", \"factor\": 4}");
        refused("rope_scaling.rope_type: expected default, linear or llama3, found 'yarn'");
    }

    @Test
    void names_every_tensor_that_a_config_does_not_fit() throws IOException {
        edit("\"num_hidden_layers\" : 2", "\"num_hidden_layers\" : 3");
        edit("\"vocab_size\" : 20", "\"vocab_size\" : 21");
        refused(
                "10 problems",
                "tensor model.embed_tokens.weight: expected shape [21, 16], found [20, 16]",
                "tensor model.layers.2.self_attn.q_proj.weight of shape [16, 16] is missing");
        edit("\"num_hidden_layers\" : 3", "\"num_hidden_layers\" : 1");
        refused("tensor model.layers.1.mlp.up_proj.weight of shape [64, 16] is not expected");
    }

    @Test
    void guesses_the_tensor_that_has_a_slightly_different_name() throws IOException {
        byte[] bytes = Files.readAllBytes(weights);
        String text = new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1)
                .replace("layers.1.mlp.down_proj", "layers.1.mlp.dawn_proj");
        Files.write(weights, text.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));
        refused("model.layers.1.mlp.down_proj.weight of shape [16, 64] is missing; perhaps it is called "
                + "model.layers.1.mlp.dawn_proj.weight here");
    }

    @Test
    void refuses_a_config_that_asks_for_far_more_than_the_file_holds_before_making_it() throws IOException {
        edit("\"num_hidden_layers\" : 2", "\"num_hidden_layers\" : 2000000000");
        refused("does not fit the weights", "2000000000 layers of width 16");
    }

    @Test
    void refuses_heads_that_would_make_large_tables_of_a_small_file() throws IOException {
        edit("\"head_dim\" : 8", "\"head_dim\" : 2000000");
        refused("headSize must be at most 16384, was 2000000");
    }

    @Test
    void refuses_positions_beyond_what_an_array_holds() throws IOException {
        TransformerConfigBuilder builder = TransformerConfig.gpt2()
                .vocabularySize(20)
                .contextLength(8)
                .layers(1)
                .width(16)
                .heads(2)
                .position(new Position.Learned(Integer.MAX_VALUE));
        assertThatThrownBy(builder::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("(contextLength + offset) × width must be at most");
    }

    @Test
    void refuses_an_index_with_names_that_no_file_can_have() throws IOException {
        Files.delete(weights);
        Files.writeString(
                folder.resolve("model.safetensors.index.json"), "{\"weight_map\": {\"norm\": \"a\\u0000b\"}}");
        refused("expected the name of a file beside it for tensor norm");
    }

    @Test
    void refuses_truncated_weights() throws IOException {
        byte[] bytes = Files.readAllBytes(weights);
        for (int length : new int[] {0, 7, 100, bytes.length / 2, bytes.length - 1}) {
            Files.write(weights, Arrays.copyOf(bytes, length));
            refused(weights.toString(), "again");
        }
    }

    @Test
    void refuses_weights_of_which_one_bit_has_flipped() throws IOException {
        byte[] bytes = Files.readAllBytes(weights);
        bytes[bytes.length - 5] ^= 16;
        Files.write(weights, bytes);
        refused(weights.toString(), "damaged", "CRC-32C");
    }

    @Test
    void an_interrupted_save_leaves_the_previous_model_or_the_new_one() throws IOException {
        Path other = Files.createDirectory(folder.resolve("other"));
        Transformer next = model(2, 500, 2);
        next.save(other);
        float[] before = first(Transformer.load(folder));
        // Both files written, none in place.
        Path pendingConfig = folder.resolve("config.json.saving");
        Files.copy(other.resolve("config.json"), pendingConfig);
        Files.copy(other.resolve("model.safetensors"), folder.resolve("model.safetensors.saving"));
        assertThat(first(Transformer.load(folder))).isEqualTo(before);
        // The weights in place, the config not yet.
        Files.move(folder.resolve("model.safetensors.saving"), weights, StandardCopyOption.REPLACE_EXISTING);
        Transformer rescued = Transformer.load(folder);
        assertThat(rescued.config()).isEqualTo(next.config());
        assertThat(first(rescued)).isEqualTo(first(next));
        // The next save is not disturbed by what was left.
        Transformer.load(other).save(folder);
        assertThat(Transformer.load(folder).config()).isEqualTo(next.config());
        assertThat(pendingConfig).doesNotExist();
    }

    @Test
    void refuses_files_of_two_different_saves() throws IOException {
        Path other = Files.createDirectory(folder.resolve("other"));
        model(2, 500, 2).save(other);
        Files.copy(other.resolve("model.safetensors"), weights, StandardCopyOption.REPLACE_EXISTING);
        refused(config.toString(), "belongs to other weights");
    }

    @Test
    void saving_over_a_model_replaces_it_and_leaves_other_files_alone() throws IOException {
        Path tokenizer = Files.writeString(folder.resolve("tokenizer.json"), "{}");
        Transformer next = model(1, 10_000, 9);
        next.save(folder);
        assertThat(first(Transformer.load(folder))).isEqualTo(first(next));
        assertThat(tokenizer).hasContent("{}");
        assertThat(folder).isDirectoryNotContaining(file -> file.toString().endsWith(".saving"));
    }

    private static float[] first(Transformer model) {
        return model.parameters().getFirst().variable().value().toArray();
    }

    private void edit(String from, String to) throws IOException {
        String text = Files.readString(config);
        assertThat(text).contains(from);
        Files.writeString(config, text.replace(from, to));
    }
}
