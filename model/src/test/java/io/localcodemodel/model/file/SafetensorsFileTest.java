package io.localcodemodel.model.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.localcodemodel.model.ModelFormatException;
import io.localcodemodel.model.json.Json;
import io.localcodemodel.tensor.Shape;
import io.localcodemodel.tensor.Tensor;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsFileTest {
    private static Path golden(String name) {
        try {
            return Path.of(Objects.requireNonNull(
                            SafetensorsFileTest.class.getClassLoader().getResource("golden/safetensors/" + name))
                    .toURI());
        } catch (URISyntaxException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static Map<?, ?> expected(String key) throws IOException {
        return (Map<?, ?>)
                Objects.requireNonNull(Json.read(golden("expected.json")).get(key));
    }

    private static double asDouble(@Nullable Object value) {
        if (value instanceof Number number) {
            return number.doubleValue();
        }
        return Double.parseDouble(
                String.valueOf(value).replace("inf", "Infinity").replace("nan", "NaN"));
    }

    @Test
    void reads_every_type_to_the_last_bit() throws IOException {
        Map<?, ?> file = (Map<?, ?>) Objects.requireNonNull(expected("dtypes.safetensors"));
        Map<?, ?> tensors = (Map<?, ?>) Objects.requireNonNull(file.get("tensors"));
        try (SafetensorsFile safetensors = SafetensorsFile.open(golden("dtypes.safetensors"))) {
            assertThat(safetensors.metadata()).isEqualTo(file.get("metadata"));
            assertThat(safetensors.entries().keySet()).hasSameSizeAs(tensors.keySet());
            for (Map.Entry<?, ?> tensor : tensors.entrySet()) {
                String name = String.valueOf(tensor.getKey());
                List<?> values = (List<?>) Objects.requireNonNull(tensor.getValue());
                if (safetensors.entry(name).type().readsAsFloats()) {
                    assertThat(safetensors.doubles(name))
                            .as(name)
                            .isEqualTo(values.stream()
                                    .mapToDouble(SafetensorsFileTest::asDouble)
                                    .toArray());
                } else {
                    assertThat(safetensors.longs(name))
                            .as(name)
                            .isEqualTo(values.stream()
                                    .mapToLong(value -> Long.parseLong(String.valueOf(value)))
                                    .toArray());
                }
            }
        }
    }

    @Test
    void half_precision_and_bfloat16_become_the_same_floats() throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(golden("dtypes.safetensors"))) {
            for (String name : List.of("b.f32", "e.f16", "f.bf16", "e.f16.special", "b.special")) {
                double[] exact = file.doubles(name);
                float[] floats = file.floats(name);
                assertThat(floats).hasSize(exact.length);
                for (int i = 0; i < exact.length; i++) {
                    assertThat(Double.compare(floats[i], exact[i]))
                            .as(name + " " + i)
                            .isZero();
                }
            }
            assertThatThrownBy(() -> file.floats("a.i64")).hasMessageContaining("I64");
            assertThatThrownBy(() -> file.floats("nobody")).hasMessageContaining("nobody");
        }
    }

    @Test
    void a_scalar_and_an_empty_tensor_have_their_shapes() throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(golden("dtypes.safetensors"))) {
            assertThat(file.entry("scalar").shape()).isEqualTo(Shape.SCALAR);
            assertThat(file.entry("empty").shape().size()).isZero();
            assertThat(file.floats("empty")).isEmpty();
        }
    }

    @Test
    void reads_tensors_that_are_spread_over_files() throws IOException {
        Map<?, ?> tensors = expected("sharded");
        try (TensorFile file = ShardedSafetensors.open(golden("sharded/" + ShardedSafetensors.INDEX))) {
            assertThat(file.entries().keySet()).hasSameSizeAs(tensors.keySet());
            for (Map.Entry<?, ?> tensor : tensors.entrySet()) {
                float[] values = file.floats(String.valueOf(tensor.getKey()));
                List<?> first = (List<?>) Objects.requireNonNull(((Map<?, ?>) tensor.getValue()).get("first8"));
                for (int i = 0; i < first.size(); i++) {
                    assertThat((double) values[i])
                            .isCloseTo(asDouble(first.get(i)), org.assertj.core.data.Offset.offset(1e-8));
                }
            }
        }
    }

    @Test
    void an_index_whose_files_are_missing_is_refused_with_the_names_of_all(@TempDir Path folder) throws IOException {
        Path index = folder.resolve(ShardedSafetensors.INDEX);
        Files.writeString(index, """
            {"weight_map": {"a": "one.safetensors", "b": "one.safetensors", "c": "two.safetensors"}}
            """);
        assertThatThrownBy(() -> ShardedSafetensors.open(index))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("2 problems")
                .hasMessageContaining("names the file one.safetensors, which is not beside it")
                .hasMessageContaining("names the file two.safetensors, which is not beside it");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "short_file|at least the 8 bytes",
                "header_past_end|found a header length of 1099511627776",
                "header_negative|found a header length of 18446744073709551608",
                "header_not_json|not a JSON object",
                "unknown_dtype|found Q7",
                "size_mismatch|needs 20 bytes, data_offsets span 16",
                "offset_past_end|found [0, 32]",
                "offset_reversed|begin <= end",
                "overlap|an overlap",
                "hole|a hole",
                "trailing_bytes|8 more bytes",
                "shape_overflow|more than 2^63",
                "negative_dim|not negative"
            })
    void refuses_a_malformed_file_with_its_name_and_the_reason(String name, String reason) {
        Path file = golden("malformed/" + name + ".safetensors");
        assertThatThrownBy(() -> SafetensorsFile.open(file))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining(reason)
                .hasMessageContaining("again");
    }

    @Test
    void every_malformed_golden_file_is_refused() throws IOException {
        Map<?, ?> files =
                (Map<?, ?>) Objects.requireNonNull(expected("malformed").get("files"));
        for (Object name : files.keySet()) {
            assertThatThrownBy(() -> SafetensorsFile.open(golden("malformed/" + name)))
                    .as(String.valueOf(name))
                    .isInstanceOf(ModelFormatException.class);
        }
    }

    @Test
    void names_all_problems_of_a_file_at_once(@TempDir Path folder) throws IOException {
        Path file = write(
                folder,
                "{\"a\":{\"dtype\":\"Q7\",\"shape\":[1],\"data_offsets\":[0,4]},"
                        + "\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,8]},\"c\":7}",
                8);
        assertThatThrownBy(() -> SafetensorsFile.open(file))
                .hasMessageContaining("3 problems")
                .hasMessageContaining("tensor a")
                .hasMessageContaining("tensor b")
                .hasMessageContaining("tensor c");
    }

    @Test
    void refuses_a_name_that_is_there_twice(@TempDir Path folder) throws IOException {
        String tensor = "\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}";
        Path file = write(folder, "{" + tensor + "," + tensor + "}", 4);
        assertThatThrownBy(() -> SafetensorsFile.open(file)).isInstanceOf(ModelFormatException.class);
    }

    @Test
    void refuses_headers_that_nest_without_end(@TempDir Path folder) throws IOException {
        Path file = write(folder, "{\"a\":" + "[".repeat(100_000), 0);
        assertThatThrownBy(() -> SafetensorsFile.open(file)).isInstanceOf(ModelFormatException.class);
    }

    @Test
    void a_file_cut_anywhere_is_refused(@TempDir Path folder) throws IOException {
        Path whole = folder.resolve("whole.safetensors");
        SafetensorsWriter.write(whole, Map.of(), List.of(SafetensorsWriter.Source.of("a", Tensor.zeros(Shape.of(5)))));
        byte[] bytes = Files.readAllBytes(whole);
        Path cut = folder.resolve("cut.safetensors");
        for (int length = 0; length < bytes.length; length++) {
            Files.write(cut, java.util.Arrays.copyOf(bytes, length));
            assertThatThrownBy(() -> SafetensorsFile.open(cut))
                    .as(length + " bytes")
                    .isInstanceOf(ModelFormatException.class);
        }
    }

    @Test
    void writing_reading_and_writing_again_gives_equal_bytes(@TempDir Path folder) throws IOException {
        List<SafetensorsWriter.Source> sources = List.of(
                SafetensorsWriter.Source.of(
                        "naïve.名", Tensor.of(Shape.of(2, 3), 1, -0f, 3, Float.NaN, 5, Float.MIN_VALUE)),
                SafetensorsWriter.Source.of("scalar", Tensor.of(Shape.SCALAR, 7)),
                SafetensorsWriter.Source.of("empty", Tensor.zeros(Shape.of(0, 4))));
        Path first = folder.resolve("first.safetensors");
        SafetensorsWriter.write(first, Map.of("format", "pt", "a", "b"), sources);
        Path second = folder.resolve("second.safetensors");
        try (SafetensorsFile read = SafetensorsFile.open(first)) {
            read.verify();
            List<SafetensorsWriter.Source> again = new ArrayList<>();
            for (TensorEntry entry : read.entries().values()) {
                again.add(
                        SafetensorsWriter.Source.of(entry.name(), Tensor.of(entry.shape(), read.floats(entry.name()))));
            }
            SafetensorsWriter.write(second, read.metadata(), again);
        }
        assertThat(second).hasSameBinaryContentAs(first);
        assertThat(folder).isDirectoryNotContaining(file -> file.toString().endsWith(FileReplacement.SUFFIX));
    }

    @Test
    void a_failed_write_leaves_the_previous_file_whole(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("model.safetensors");
        SafetensorsWriter.write(file, Map.of(), List.of(SafetensorsWriter.Source.of("a", Tensor.of(Shape.of(1), 1))));
        byte[] before = Files.readAllBytes(file);
        assertThatThrownBy(() -> SafetensorsWriter.write(
                        file, Map.of(), List.of(new SafetensorsWriter.Source("b", new int[] {1}, () -> {
                            throw new IllegalStateException("interrupted");
                        }))))
                .hasMessage("interrupted");
        assertThat(file).hasBinaryContent(before);
        assertThat(folder).isDirectoryNotContaining(other -> !other.equals(file));
    }

    @ParameterizedTest
    @CsvSource({"../outside.safetensors", "/etc/passwd", "..", "missing.safetensors"})
    void an_index_reaches_no_file_outside_its_folder(String name, @TempDir Path folder) throws IOException {
        Path index = folder.resolve(ShardedSafetensors.INDEX);
        Files.writeString(index, "{\"weight_map\":{\"a\":\"" + name + "\"}}");
        assertThatThrownBy(() -> ShardedSafetensors.open(index))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining(name);
    }

    private static Path write(Path folder, String header, int dataBytes) throws IOException {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(8 + json.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(json.length).put(json);
        return Files.write(folder.resolve("written.safetensors"), bytes.array());
    }
}
