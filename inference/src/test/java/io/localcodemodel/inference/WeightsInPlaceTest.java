package io.localcodemodel.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.localcodemodel.model.Parameter;
import io.localcodemodel.model.Transformer;
import io.localcodemodel.model.TransformerConfig;
import io.localcodemodel.model.TransformerConfigBuilder;
import io.localcodemodel.model.file.ElementType;
import io.localcodemodel.model.file.SafetensorsFile;
import io.localcodemodel.model.file.TensorEntry;
import io.localcodemodel.tensor.FloatStorage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Published folders hold 16-bit numbers, which products read where they lie.
class WeightsInPlaceTest {
    private static final GenerationOptions TWENTY =
            GenerationOptions.builder().maximumTokens(20).ignoringEndOfText().build();

    @TempDir
    Path folder;

    /// Saves a model and writes its weights anew in another type, at odd places of the file.
    private void save(TransformerConfigBuilder preset, ElementType type) throws IOException {
        CodeModel.save(
                folder,
                Transformer.initialise(
                        TinyModels.small(preset, TinyModels.BYTES).build(), 7),
                TinyModels.BYTES);
        Path file = folder.resolve("model.safetensors");
        List<String> header = new ArrayList<>();
        ByteBuffer elements;
        try (SafetensorsFile weights = SafetensorsFile.open(file)) {
            elements = ByteBuffer.allocate((int) Files.size(file)).order(ByteOrder.LITTLE_ENDIAN);
            for (TensorEntry entry : weights.entries().values()) {
                int start = elements.position();
                for (float value : weights.floats(entry.name())) {
                    put(elements, value, type);
                }
                header.add("\"" + entry.name() + "\":{\"dtype\":\"" + type + "\",\"shape\":" + entry.shape()
                        + ",\"data_offsets\":[" + start + "," + elements.position() + "]}");
            }
        }
        String json = "{" + String.join(",", header) + "}";
        byte[] text = (json.length() % 2 == 0 ? json + " " : json).getBytes(StandardCharsets.UTF_8);
        ByteBuffer whole = ByteBuffer.allocate(Long.BYTES + text.length + elements.position())
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(text.length)
                .put(text)
                .put(elements.flip());
        Files.write(file, whole.array());
    }

    private static void put(ByteBuffer elements, float value, ElementType type) {
        if (type == ElementType.F32) {
            elements.putFloat(value);
        } else if (type == ElementType.F16) {
            elements.putShort(Float.floatToFloat16(value));
        } else {
            elements.putShort((short) (Float.floatToIntBits(value) >> 16));
        }
    }

    private CodeModel inPlace() throws IOException {
        return CodeModel.builder().weightsInPlace().load(folder);
    }

    private static long inMemory(CodeModel code) {
        return code.transformer().parameters().stream()
                .map(Parameter::variable)
                .filter(variable ->
                        variable.shape().rank() == 2 && variable.value().storage() instanceof FloatStorage)
                .count();
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F16", "BF16"})
    void a_folder_read_in_place_completes_as_one_in_memory(ElementType type) throws IOException {
        save(TransformerConfig.llama(), type);
        try (CodeModel floats = CodeModel.load(folder);
                CodeModel code = inPlace()) {
            assertThat(inMemory(code)).isZero();
            assertThat(inMemory(floats)).isPositive();
            assertThat(code.complete("int rest = ", TWENTY).tokens())
                    .isEqualTo(floats.complete("int rest = ", TWENTY).tokens());
            assertThat(code.toString()).contains("parameters in " + folder.getFileName());
        }
    }

    @Test
    void what_a_family_keeps_in_another_order_is_copied() throws IOException {
        save(TransformerConfig.gpt2(), ElementType.BF16);
        try (CodeModel floats = CodeModel.load(folder);
                CodeModel code = inPlace()) {
            assertThat(inMemory(code)).isPositive().isLessThan(inMemory(floats));
            assertThat(code.complete("int rest = ", TWENTY).tokens())
                    .isEqualTo(floats.complete("int rest = ", TWENTY).tokens());
        }
    }

    @Test
    void weights_in_several_files_stay_in_them() throws IOException {
        save(TransformerConfig.llama(), ElementType.BF16);
        List<Integer> expected;
        StringBuilder index = new StringBuilder();
        Path file = folder.resolve("model.safetensors");
        try (CodeModel floats = CodeModel.load(folder);
                SafetensorsFile weights = SafetensorsFile.open(file)) {
            expected = floats.complete("int rest = ", TWENTY).tokens();
            weights.entries()
                    .keySet()
                    .forEach(name -> index.append(index.isEmpty() ? "" : ",")
                            .append("\"" + name + "\":\"model-1.safetensors\""));
        }
        Files.move(file, folder.resolve("model-1.safetensors"));
        Files.writeString(folder.resolve("model.safetensors.index.json"), "{\"weight_map\":{" + index + "}}");
        try (CodeModel code = inPlace()) {
            assertThat(code.complete("int rest = ", TWENTY).tokens()).isEqualTo(expected);
        }
    }

    @Test
    void a_closed_model_lets_go_of_its_folder() throws IOException {
        save(TransformerConfig.llama(), ElementType.BF16);
        CodeModel code = inPlace();
        code.save(folder.resolve("copy"));
        code.close();
        assertThatIllegalStateException()
                .isThrownBy(() -> code.complete("int", TWENTY))
                .withMessageContaining("the model is closed");
        // What is mapped is listed by Linux, and cannot be deleted on Windows.
        Path mappings = Path.of("/proc/self/maps");
        assertThat(Files.exists(mappings) ? Files.readString(mappings) : "").doesNotContain(folder.toString());
        Files.delete(folder.resolve("model.safetensors"));
        assertThat(Transformer.load(folder.resolve("copy")).parameterCount()).isPositive();
    }

    @Test
    void weights_that_are_given_cannot_be_left_in_a_file() {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        CodeModel.builder().weightsInPlace().of(TinyModels.llama(TinyModels.BYTES), TinyModels.BYTES))
                .withMessageContaining("weightsInPlace says how files are read");
    }
}
