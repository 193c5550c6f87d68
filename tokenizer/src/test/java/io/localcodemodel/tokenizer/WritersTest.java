package io.localcodemodel.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.fail;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is written is read back as the same tokenizer, and writing that again gives the same bytes.
class WritersTest {

    private static final String TEXT = " ab  abba\nb é<s>";
    private static final int MUTANTS = 10_000;

    private static Tokenizer pieces(boolean prefixSpace, String... further) throws TokenizerFormatException {
        List<SentencePieces.Piece> pieces = new ArrayList<>();
        pieces.add(new SentencePieces.Piece("<unk>", 0, SentencePieces.Kind.UNKNOWN));
        pieces.add(new SentencePieces.Piece("<s>", 0, SentencePieces.Kind.CONTROL));
        pieces.add(new SentencePieces.Piece("</s>", 0, SentencePieces.Kind.CONTROL));
        for (int b = 0; b < 256; b++) {
            pieces.add(new SentencePieces.Piece(ByteFallbackDecoder.name(b), 0, SentencePieces.Kind.BYTE));
        }
        for (String piece : List.of("ab", "▁ab", "bb", "▁▁", "abb", "▁", "a", "b")) {
            pieces.add(new SentencePieces.Piece(piece, -pieces.size(), SentencePieces.Kind.NORMAL));
        }
        for (String control : further) {
            pieces.add(new SentencePieces.Piece(control, 0, SentencePieces.Kind.CONTROL));
        }
        return new SentencePieces(pieces, "small.model").tokenizer(prefixSpace, new TextBoundaries(1, -1));
    }

    private static void assertSame(Tokenizer read, Tokenizer written) {
        for (EncodeOptions options : List.of(EncodeOptions.TEXT, EncodeOptions.MARKUP, EncodeOptions.PROMPT)) {
            assertThat(read.encode(TEXT, options)).isEqualTo(written.encode(TEXT, options));
        }
        assertThat(read.decode(written.encode(TEXT))).isEqualTo(written.decode(written.encode(TEXT)));
        assertThat(read.model().json()).isEqualTo(written.model().json());
        assertThat(read.addedTokens()).isEqualTo(written.addedTokens());
    }

    @Test
    void a_sentencepiece_model_is_read_back(@TempDir Path folder) throws Exception {
        for (Tokenizer tokenizer : List.of(pieces(true), pieces(false), pieces(true, "<pad>"))) {
            Path file = folder.resolve("tokenizer.model");
            SentencePieceFile.write(tokenizer, file);
            Tokenizer read = Tokenizer.load(file);
            assertSame(read, tokenizer);
            assertThat(SentencePieceWriter.write(read)).isEqualTo(Files.readAllBytes(file));
        }
    }

    @Test
    void a_llama2c_vocabulary_is_read_back(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("tokenizer.bin");
        Llama2cFile.write(pieces(true), file);
        Tokenizer read = Tokenizer.load(file);
        assertSame(read, pieces(true));
        assertThat(Llama2cFile.write(read)).isEqualTo(Files.readAllBytes(file));
    }

    @Test
    void what_a_format_cannot_say_is_refused() throws Exception {
        Tokenizer more = pieces(true, "<pad>");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Llama2cFile.write(more))
                .withMessageContaining("no other special ones");
        Tokenizer bytes = BpeTrainer.builder().vocabularySize(270).build().train(List.of("int x;"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SentencePieceWriter.write(bytes))
                .withMessageContaining("made of characters; this model is Bpe");
        Tokenizer split = Tokenizer.builder()
                .splitter(new DigitsSplitter(true))
                .model(bytes.model())
                .build();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> GgufVocabulary.metadata(split))
                .withMessageContaining("there is no name for {type=Digits");
    }

    @Test
    void a_vocabulary_of_a_gguf_file_is_read_back() throws Exception {
        Tokenizer trained = BpeTrainer.builder()
                .vocabularySize(300)
                .specialTokens("<|endoftext|>", "<s>")
                .build()
                .train(List.of(TEXT, TEXT));
        TokenizerConfig config = trained.config().withChatTemplate("{{ bos_token }}");
        for (Tokenizer tokenizer : List.of(trained.withConfig(config), pieces(true), pieces(false))) {
            Map<String, Object> metadata = GgufVocabulary.metadata(tokenizer);
            Tokenizer read = GgufVocabulary.read(metadata, "some.gguf");
            assertThat(GgufVocabulary.metadata(read)).isEqualTo(metadata);
            assertThat(read.encode(TEXT, EncodeOptions.PROMPT)).isEqualTo(tokenizer.encode(TEXT, EncodeOptions.PROMPT));
            assertThat(read.endOfText()).isEqualTo(tokenizer.endOfText());
            assertThat(read.config().chatTemplates())
                    .isEqualTo(tokenizer.config().chatTemplates());
        }
    }

    @Test
    void mutated_gguf_metadata_is_refused_or_works() throws Exception {
        Tokenizer trained = BpeTrainer.builder()
                .vocabularySize(60)
                .allBytes(false)
                .specialTokens("<|endoftext|>", "<s>")
                .build()
                .train(List.of(TEXT, TEXT));
        Random random = new Random(6);
        List<Map<String, Object>> originals = List.of(
                GgufVocabulary.metadata(trained),
                GgufVocabulary.metadata(pieces(true)),
                GgufVocabularyTest.wordPiece(),
                GgufVocabularyTest.unigram());
        int refused = 0;
        for (int i = 0; i < MUTANTS; i++) {
            Map<String, Object> mutant = mutant(originals.get(i % originals.size()), random);
            try {
                Tokenizer tokenizer = GgufVocabulary.read(mutant, "mutant.gguf");
                tokenizer.decode(tokenizer.encode(TEXT, EncodeOptions.PROMPT));
            } catch (TokenizerFormatException e) {
                refused++;
                assertThat(e).hasMessageContaining("expected").hasMessageContaining("found");
            } catch (RuntimeException | StackOverflowError e) {
                fail("mutant %d: %s".formatted(i, mutant), e);
            }
        }
        assertThat(refused).isBetween(MUTANTS / 10, MUTANTS - MUTANTS / 10);
    }

    /// Changes one to three values, or elements of lists.
    private static Map<String, Object> mutant(Map<String, Object> metadata, Random random) {
        Map<String, Object> mutant = new LinkedHashMap<>(metadata);
        for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
            List<String> keys = new ArrayList<>(new TreeMap<>(mutant).keySet());
            String key = keys.get(random.nextInt(keys.size()));
            if (mutant.get(key) instanceof List<?> list && !list.isEmpty() && random.nextInt(6) > 0) {
                List<Object> changed = new ArrayList<>(list);
                int at = random.nextInt(changed.size());
                switch (random.nextInt(4)) {
                    case 0 -> changed.remove(at);
                    case 1 -> changed.add(at, changed.get(random.nextInt(changed.size())));
                    case 2 -> changed.set(at, changed.get(random.nextInt(changed.size())));
                    default -> changed.set(at, value(random));
                }
                mutant.put(key, changed);
            } else if (random.nextInt(4) == 0) {
                mutant.remove(key);
            } else {
                mutant.put(key, value(random));
            }
            if (mutant.isEmpty()) {
                return mutant;
            }
        }
        return mutant;
    }

    private static Object value(Random random) {
        return switch (random.nextInt(14)) {
            case 0 -> -1;
            case 1 -> Integer.MAX_VALUE;
            case 2 -> Long.MIN_VALUE;
            case 3 -> Float.NaN;
            case 4 -> Float.NEGATIVE_INFINITY;
            case 5 -> "";
            case 6 -> "a";
            case 7 -> "a b";
            case 8 -> "<0x41>";
            case 9 -> "\uD83D";
            case 10 -> List.of();
            case 11 -> new int[] {1, 2};
            case 12 -> random.nextBoolean();
            default -> random.nextInt(7);
        };
    }

    @Tag("shared-data")
    @Test
    void llama_2_is_the_same_in_all_its_formats(@TempDir Path folder) throws Exception {
        Path llama2 = SharedData.tokenizers().resolve("llama2");
        Path expected = SharedData.tokenizers().resolve("llamacpp/ggml-vocab-llama-spm.gguf");
        for (String name : List.of("tokenizer.model", "tokenizer.bin")) {
            Tokenizer tokenizer = Tokenizer.load(llama2.resolve(name));
            SentencePieceFile.write(tokenizer, folder.resolve("a.model"));
            Llama2cFile.write(tokenizer, folder.resolve("a.bin"));
            SharedData.assertLlamaCpp(Tokenizer.load(folder.resolve("a.model")), expected);
            SharedData.assertLlamaCpp(Tokenizer.load(folder.resolve("a.bin")), expected);
            SharedData.assertLlamaCpp(
                    GgufVocabulary.read(GgufVocabulary.metadata(tokenizer), "written.gguf"), expected);
        }
    }
}
