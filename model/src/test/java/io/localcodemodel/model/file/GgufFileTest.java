package io.localcodemodel.model.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import io.localcodemodel.model.ModelFormatException;
import io.localcodemodel.model.Transformer;
import io.localcodemodel.tensor.Shape;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GgufFileTest {
    @TempDir
    Path folder;

    /// Writes the parts of a file one after another.
    private static final class Gguf {
        private final ByteBuffer bytes = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN);

        Gguf(long tensors, long keys) {
            bytes.put("GGUF".getBytes(StandardCharsets.US_ASCII))
                    .putInt(3)
                    .putLong(tensors)
                    .putLong(keys);
        }

        Gguf text(String text) {
            byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
            bytes.putLong(utf8.length).put(utf8);
            return this;
        }

        Gguf number(int number) {
            bytes.putInt(number);
            return this;
        }

        Gguf number(long number) {
            bytes.putLong(number);
            return this;
        }

        /// A tensor of two rows of three.
        Gguf tensor(String name, int type, long offset) {
            return text(name).number(2).number(3L).number(2L).number(type).number(offset);
        }

        Gguf align() {
            bytes.position(Math.ceilDiv(bytes.position(), 32) * 32);
            return this;
        }

        Gguf floats(float... values) {
            for (float value : values) {
                bytes.putFloat(value);
            }
            return align();
        }

        byte[] bytes() {
            return Arrays.copyOf(bytes.array(), bytes.position());
        }
    }

    private Path write(byte[] bytes) throws IOException {
        return Files.write(folder.resolve("model.gguf"), bytes);
    }

    private static Gguf small() {
        return new Gguf(2, 4)
                .text("general.architecture")
                .number(8)
                .text("mamba")
                .text("a.number")
                .number(4)
                .number(7)
                .text("a.list")
                .number(9)
                .number(8)
                .number(2L)
                .text("x")
                .text("名")
                .text("a.float")
                .number(6)
                .number(Float.floatToIntBits(0.5f))
                .tensor("first", 0, 0)
                .tensor("second", 0, 32)
                .align()
                .floats(1, 2, 3, 4, 5, 6)
                .floats(7, 8, 9, 10, 11, 12);
    }

    @Test
    void reads_keys_and_tensors() throws IOException {
        try (GgufFile file = GgufFile.open(write(small().bytes()))) {
            assertThat(file.metadata())
                    .containsEntry("a.number", 7)
                    .containsEntry("a.list", List.of("x", "名"))
                    .containsEntry("a.float", 0.5f);
            assertThat(file.entry("second").shape()).isEqualTo(Shape.of(2, 3));
            assertThat(file.floats("second")).containsExactly(7, 8, 9, 10, 11, 12);
        }
    }

    @Test
    void a_file_cut_anywhere_is_refused() throws IOException {
        byte[] bytes = small().bytes();
        int needed = bytes.length - 8;
        for (int length = 0; length < needed; length++) {
            Path file = write(Arrays.copyOf(bytes, length));
            assertThatThrownBy(() -> GgufFile.open(file))
                    .as(length + " bytes")
                    .isInstanceOf(ModelFormatException.class)
                    .hasMessageContaining(file.toString());
        }
    }

    @Test
    void a_mutated_header_is_refused_or_read() throws IOException {
        int mutants = 10_000;
        byte[] bytes = small().bytes();
        int header = bytes.length - 64;
        Random random = new Random(7);
        int refused = 0;
        for (int i = 0; i < mutants; i++) {
            byte[] mutant = bytes.clone();
            for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
                int at = random.nextInt(header);
                mutant[at] = (byte) (random.nextBoolean() ? random.nextInt(256) : mutant[at] ^ 1 << random.nextInt(8));
            }
            Path path = write(random.nextInt(20) == 0 ? Arrays.copyOf(mutant, random.nextInt(header)) : mutant);
            try (GgufFile file = GgufFile.open(path)) {
                file.entries()
                        .forEach((name, entry) ->
                                assertThat(entry.shape().size()).isLessThanOrEqualTo(8 * bytes.length));
            } catch (ModelFormatException e) {
                refused++;
                assertThat(e).hasMessageContaining("model.gguf");
            } catch (RuntimeException | StackOverflowError e) {
                fail("mutant %d: %s".formatted(i, Arrays.toString(mutant)), e);
            }
        }
        assertThat(refused).isBetween(mutants / 10, mutants - mutants / 10);
    }

    @Test
    void refuses_counts_that_the_file_has_no_room_for() throws IOException {
        refused(new Gguf(Long.MAX_VALUE, 0).bytes(), "expected as many tensors as fit");
        refused(new Gguf(0, -1).bytes(), "expected as many keys as fit");
        refused(
                new Gguf(0, 1)
                        .text("k")
                        .number(9)
                        .number(8)
                        .number(1L << 40)
                        .align()
                        .bytes(),
                "expected as many elements as fit");
        refused(new Gguf(0, 1).number(1L << 40).floats(0).bytes(), "expected as many bytes of text as fit");
    }

    @Test
    void refuses_a_text_longer_than_any_that_is_real() throws IOException {
        Path file = write(new Gguf(0, 1).number(1L << 30).bytes());
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(3L << 30);
        }
        assertThatThrownBy(() -> GgufFile.open(file))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("expected a text of at most 268435456 bytes");
    }

    @Test
    void refuses_a_number_of_its_own_in_a_format_of_blocks() throws IOException {
        refused(
                new Gguf(1, 0).text("a").number(0).number(8).number(0L).align().bytes(),
                "rows of Q8_0 are whole blocks of 32 elements");
    }

    @Test
    void refuses_what_the_format_forbids() throws IOException {
        refused("GGML, not what it should be".getBytes(StandardCharsets.US_ASCII), "starts with GGUF");
        refused(
                new Gguf(1, 0)
                        .tensor("a", 0, 7)
                        .align()
                        .floats(1, 2, 3, 4, 5, 6, 7, 8)
                        .bytes(),
                "a multiple of 32");
        refused(new Gguf(1, 0).tensor("a", 0, 1 << 20).align().bytes(), "expected a place inside");
        refused(
                new Gguf(2, 0)
                        .tensor("a", 0, 0)
                        .tensor("b", 0, 0)
                        .align()
                        .floats(1, 2, 3, 4, 5, 6)
                        .bytes(),
                "tensors a and b overlap");
        refused(new Gguf(2, 0).tensor("a", 0, 0).tensor("a", 0, 32).align().bytes(), "the tensor a is there twice");
        Gguf nested = new Gguf(0, 1).text("k");
        for (int depth = 0; depth < 20; depth++) {
            nested.number(9).number(9).number(1L);
        }
        refused(nested.align().bytes(), "expected");
    }

    private void refused(byte[] bytes, String message) throws IOException {
        Path file = write(bytes);
        assertThatThrownBy(() -> GgufFile.open(file))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining(message);
    }

    @Test
    void refuses_to_load_what_it_cannot_compute() throws IOException {
        Path other = write(small().bytes());
        assertThatThrownBy(() -> Transformer.load(other))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("found 'mamba'");
        Path quantised = write(new Gguf(1, 1)
                .text("general.architecture")
                .number(8)
                .text("llama")
                .tensor("token_embd.weight", 10, 0)
                .align()
                .bytes());
        assertThatThrownBy(() -> Transformer.load(quantised))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("such as token_embd.weight in Q2_K");
        refused(
                new Gguf(1, 0).tensor("token_embd.weight", 12, 0).align().bytes(),
                "rows of Q4_K are whole blocks of 256 elements");
    }
}
