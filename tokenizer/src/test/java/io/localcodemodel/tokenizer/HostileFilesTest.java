package io.localcodemodel.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Damaged files lead to the format exception or to a tokenizer that works, and to nothing else.
class HostileFilesTest {

    private static final int MUTANTS = 10_000;
    private static final String TEXT = "int x = 1; // größer 😀";

    @Test
    void a_mutated_tokenizer_json_is_refused_or_works(@TempDir Path folder) throws Exception {
        Tokenizer tokenizer = BpeTrainer.builder()
                .vocabularySize(290)
                .workers(1)
                .splitter(new SequenceSplitter(List.of(
                        new DigitsSplitter(true),
                        PatternSplitter.regex(TiktokenEncoding.CL100K_BASE.pattern()),
                        new ByteLevelSplitter(false, true, false))))
                .build()
                .train(List.of(TEXT, TEXT));
        tokenizer.save(folder);
        byte[] json = Files.readAllBytes(folder.resolve("tokenizer.json"));

        mutate(json, new Random(1), file -> TokenizerJson.read(file, "mutant.json"));
    }

    @Test
    void a_mutated_tiktoken_file_is_refused_or_works(@TempDir Path folder) throws Exception {
        Tokenizer tokenizer =
                BpeTrainer.builder().vocabularySize(290).specialTokens().build().train(List.of(TEXT, TEXT));
        Path file = folder.resolve("small.tiktoken");
        TiktokenFile.write(tokenizer, file);

        mutate(
                Files.readAllBytes(file),
                new Random(2),
                mutant -> Tokenizer.builder()
                        .splitter(ByteLevelSplitter.gpt2())
                        .model(TiktokenFile.model(TiktokenFile.tokens(mutant, "mutant.tiktoken")))
                        .build());
    }

    @Test
    void a_mutated_sentencepiece_model_is_refused_or_works() throws Exception {
        byte[] model = sentencePieceModel();
        assertThat(SentencePieceFile.read(model, "small.model").decode(3, 4)).isEqualTo("ab");

        mutate(model, new Random(3), mutant -> SentencePieceFile.read(mutant, "mutant.model"));
    }

    @Test
    void a_mutated_llama2c_file_is_refused_or_works() throws Exception {
        ByteBuffer file =
                ByteBuffer.allocate(1000).order(ByteOrder.LITTLE_ENDIAN).putInt(5);
        for (String piece : List.of("<unk>", "\n<s>\n", "\n</s>\n", "<0x41>", "a", "b", "ab", " ", " ab")) {
            byte[] bytes = piece.getBytes(StandardCharsets.UTF_8);
            file.putFloat(-file.position()).putInt(bytes.length).put(bytes);
        }
        byte[] content = new byte[file.position()];
        file.flip().get(content);
        assertThat(Llama2cFile.read(content, "small.bin").encode("abA")).containsExactly(8, 3);

        mutate(content, new Random(4), mutant -> Llama2cFile.read(mutant, "mutant.bin"));
    }

    /// Changes, removes, doubles and cuts off bytes, and uses what can be read.
    private static void mutate(byte[] file, Random random, Reader reader) {
        int refused = 0;
        for (int i = 0; i < MUTANTS; i++) {
            byte[] mutant = mutant(file, random);
            try {
                Tokenizer tokenizer = reader.read(mutant);
                tokenizer.decode(tokenizer.encode(TEXT, EncodeOptions.PROMPT));
            } catch (TokenizerFormatException e) {
                refused++;
                assertThat(e).hasMessageContaining("expected").hasMessageContaining("found");
            } catch (Exception | StackOverflowError e) {
                fail("mutant %d: %s".formatted(i, new String(mutant, StandardCharsets.ISO_8859_1)), e);
            }
        }
        assertThat(refused).isBetween(MUTANTS / 100, MUTANTS);
    }

    private static byte[] mutant(byte[] file, Random random) {
        byte[] mutant = file.clone();
        for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
            int at = random.nextInt(mutant.length);
            int length = Math.min(random.nextInt(20), mutant.length - at);
            switch (random.nextInt(6)) {
                case 0 -> mutant[at] = (byte) random.nextInt(256);
                case 1 -> mutant[at] = (byte) "0123456789{}[]\",:-e ".charAt(random.nextInt(20));
                case 2 -> mutant[at] ^= (byte) (1 << random.nextInt(8));
                case 3 -> mutant = join(mutant, at, at + length);
                case 4 -> mutant = join(mutant, at + length, at);
                default -> mutant = random.nextInt(10) == 0 ? join(mutant, at, mutant.length) : mutant;
            }
            if (mutant.length == 0) {
                return new byte[] {0};
            }
        }
        return mutant;
    }

    private static byte[] join(byte[] file, int end, int from) {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        joined.write(file, 0, end);
        joined.write(file, from, file.length - from);
        return joined.toByteArray();
    }

    private static byte[] sentencePieceModel() {
        ByteArrayOutputStream model = new ByteArrayOutputStream();
        List<String> pieces = List.of("<unk>", "<s>", "</s>", "▁a", "b", "▁", "a", "ab", "▁ab", "<0x41>");
        int[] kinds = {2, 3, 3, 1, 1, 1, 1, 1, 1, 6};
        for (int i = 0; i < kinds.length; i++) {
            byte[] text = pieces.get(i).getBytes(StandardCharsets.UTF_8);
            ByteBuffer piece = ByteBuffer.allocate(text.length + 9).order(ByteOrder.LITTLE_ENDIAN);
            piece.put((byte) 0x0A).put((byte) text.length).put(text);
            piece.put((byte) 0x15).putFloat(-i).put((byte) 0x18).put((byte) kinds[i]);
            model.write(0x0A);
            model.write(piece.capacity());
            model.writeBytes(piece.array());
        }
        model.writeBytes(new byte[] {0x12, 2, 0x18, 2});
        byte[] identity = "identity".getBytes(StandardCharsets.US_ASCII);
        model.writeBytes(new byte[] {0x1A, (byte) (identity.length + 4), 0x0A, (byte) identity.length});
        model.writeBytes(identity);
        model.writeBytes(new byte[] {0x20, 0});
        return model.toByteArray();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{} | model | an object",
                "[] | the top level | an object",
                "{\"model\":{\"type\":\"Best\"}} | model.type | one of BPE",
                "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":-1},\"merges\":[]}} | model.vocab.a | an id from 0",
                "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":2000000000},\"merges\":[]}} | model.vocab.a | an id"
                        + " from 0",
                "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0},\"merges\":[\"a b\"]}} | model.merges[0] | tokens of",
                "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0},\"merges\":[7]}} | model.merges[0] | two tokens",
                "{\"pre_tokenizer\":{\"type\":\"Spliff\"}} | pre_tokenizer.type | BertPreTokenizer, ByteLevel, ",
                "{\"pre_tokenizer\":{\"type\":\"Split\",\"pattern\":{\"Regex\":\"(\"},\"behavior\":\"Isolated\"}}"
                        + " | pre_tokenizer.pattern.Regex | a regular expression"
            })
    void names_the_place_and_what_was_expected(String json, String place, String expected) {
        assertThatThrownBy(() -> TokenizerJson.read(json.getBytes(StandardCharsets.UTF_8), "some.json"))
                .isInstanceOf(TokenizerFormatException.class)
                .hasMessageContaining("some.json")
                .hasMessageContaining(place)
                .hasMessageContaining(expected);
    }

    @Test
    void a_deeply_nested_file_is_refused() {
        byte[] json = "{\"a\":".repeat(100_000).getBytes(StandardCharsets.UTF_8);

        assertThatThrownBy(() -> TokenizerJson.read(json, "deep.json")).isInstanceOf(TokenizerFormatException.class);
    }

    @FunctionalInterface
    private interface Reader {

        Tokenizer read(byte[] file) throws Exception;
    }
}
