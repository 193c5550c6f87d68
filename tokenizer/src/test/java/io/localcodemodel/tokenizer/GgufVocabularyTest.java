package io.localcodemodel.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.jr.ob.JSON;

class GgufVocabularyTest {

    private static final Path UNIGRAM = Path.of("src/test/resources/sentencepiece/unigram.model");

    @Tag("shared-data")
    @ParameterizedTest
    @ValueSource(strings = {"gpt-2", "mpt", "starcoder", "llama-spm"})
    void equals_llama_cpp(String name, @TempDir Path saved) throws Exception {
        Path file = SharedData.tokenizers().resolve("llamacpp/ggml-vocab-" + name + ".gguf");
        Tokenizer tokenizer = GgufVocabulary.read(metadata(file), file.toString());
        tokenizer.save(saved);

        SharedData.assertLlamaCpp(tokenizer, file);
        SharedData.assertLlamaCpp(Tokenizer.load(saved), file);
    }

    @Tag("shared-data")
    @ParameterizedTest
    @ValueSource(strings = {"mpt", "starcoder"})
    void equals_the_hugging_face_library(String name) throws Exception {
        Path folder = SharedData.tokenizers().resolve("llamacpp");
        Tokenizer tokenizer =
                GgufVocabulary.read(metadata(folder.resolve("ggml-vocab-" + name + ".gguf")), "vocabulary");

        SharedData.assertCases(
                tokenizer, EncodeOptions.MARKUP, folder.resolve(name + ".cases.expected.hf.json"), "ids");
        if (name.equals("starcoder")) {
            SharedData.assertDocuments(
                    tokenizer, EncodeOptions.MARKUP, folder.resolve("starcoder.docs.expected.hf.json"));
        }
    }

    @Test
    void takes_lists_and_arrays() throws Exception {
        Map<String, Object> metadata = new LinkedHashMap<>();
        metadata.put("tokenizer.ggml.model", "gpt2");
        metadata.put("tokenizer.ggml.tokens", new String[] {"a", "b", "ab", "<s>"});
        metadata.put("tokenizer.ggml.token_type", new int[] {1, 1, 1, 3});
        metadata.put("tokenizer.ggml.merges", List.of("a b"));

        assertThat(GgufVocabulary.read(metadata, "some.gguf").encode("abb<s>", EncodeOptions.MARKUP))
                .containsExactly(2, 1, 3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"deepseek-llm", "deepseek-coder", "deepseek-v3", "default"})
    void cuts_texts_as_the_reference_does_with_the_patterns_of_a_name(String pre) throws Exception {
        Map<?, ?> file = pipeline(pre.equals("default") ? "split-default-llama-cpp" : "split-" + pre);
        Tokenizer reference = TokenizerJson.read(JSON.std.asBytes(file.get("tokenizer")), pre);
        Bpe model = (Bpe) reference.model();
        List<String> merges = model.merges().json(model.vocabulary()).stream()
                .map(pair -> String.join(" ", pair))
                .toList();
        Tokenizer tokenizer = GgufVocabulary.read(
                Map.of(
                        "tokenizer.ggml.model",
                        "gpt2",
                        "tokenizer.ggml.pre",
                        pre,
                        "tokenizer.ggml.tokens",
                        tokens(reference),
                        "tokenizer.ggml.merges",
                        merges),
                "some.gguf");

        assertEqualsReference(tokenizer, file, EncodeOptions.TEXT, "plain");
        assertThat(GgufVocabulary.metadata(tokenizer)).containsEntry("tokenizer.ggml.pre", pre);
    }

    @Test
    void names_a_splitter_that_a_file_spells_in_another_way() {
        Splitter byteLevel = new ByteLevelSplitter(false, true, false);
        List<Splitter> coder = new ArrayList<>();
        for (String pattern : DeepSeekScanner.CODER.subList(0, 4)) {
            coder.add(PatternSplitter.regex(pattern));
        }
        coder.add(new DigitsSplitter(true));
        coder.add(byteLevel);
        Map<String, Splitter> splitters = Map.of(
                "deepseek-coder", new SequenceSplitter(coder),
                "llama-bpe", new SequenceSplitter(List.of(PatternSplitter.regex(Cl100kScanner.PATTERN), byteLevel)),
                "starcoder", new SequenceSplitter(List.of(new DigitsSplitter(true), ByteLevelSplitter.gpt2())),
                "gpt-2", new ByteLevelSplitter(false, false, true));

        splitters.forEach((name, splitter) -> assertThat(GgufSplitters.name(splitter, name.equals("llama-bpe")))
                .isEqualTo(name));
        assertThat(GgufSplitters.name(new ByteLevelSplitter(true, true, true), false))
                .isNull();
        assertThat(GgufSplitters.name(PatternSplitter.regex(Cl100kScanner.PATTERN), true))
                .isNull();
    }

    @Test
    void reads_the_vocabulary_of_bert() throws Exception {
        Map<String, Object> metadata = wordPiece();
        Tokenizer tokenizer = GgufVocabulary.read(metadata, "some.gguf");

        assertEqualsReference(tokenizer, pipeline("bert-uncased"), EncodeOptions.PROMPT, "ids");
        assertThat(tokenizer.special(SpecialRole.END_OF_TEXT)).isEqualTo(tokenizer.id("[SEP]"));
        metadata.put("tokenizer.ggml.normalizer.lowercase", false);
        assertThat(GgufVocabulary.read(metadata, "some.gguf").normalizer())
                .contains(new BertNormalizer(true, true, false, false));
    }

    /// The keys of `bert-uncased` as llama.cpp writes them.
    static Map<String, Object> wordPiece() throws Exception {
        Tokenizer tokenizer =
                TokenizerJson.read(JSON.std.asBytes(pipeline("bert-uncased").get("tokenizer")), "bert-uncased");
        List<String> tokens = new ArrayList<>();
        List<Integer> types = new ArrayList<>();
        for (String token : tokens(tokenizer)) {
            boolean special = tokenizer.isSpecial(tokenizer.id(token).orElseThrow());
            tokens.add(special ? token : token.startsWith("##") ? token.substring(2) : "▁" + token);
            types.add(special ? 3 : 1);
        }
        Map<String, Object> metadata = new LinkedHashMap<>();
        metadata.put("tokenizer.ggml.model", "bert");
        metadata.put("tokenizer.ggml.tokens", tokens);
        metadata.put("tokenizer.ggml.token_type", types);
        metadata.put("tokenizer.ggml.bos_token_id", tokens.indexOf("[CLS]"));
        metadata.put("tokenizer.ggml.seperator_token_id", tokens.indexOf("[SEP]"));
        return metadata;
    }

    @Test
    void reads_the_vocabulary_of_t5() throws Exception {
        Map<String, Object> metadata = unigram();
        Tokenizer tokenizer = GgufVocabulary.read(metadata, "some.gguf");

        List<?> cases = (List<?>) JSON.std.anyFrom(Files.readAllBytes(UNIGRAM.resolveSibling("unigram.cases.json")));
        for (Object element : cases) {
            String text = (String) ((Map<?, ?>) element).get("text");
            assertThat(tokenizer.encode(text)).as(text).isEqualTo(ints(((Map<?, ?>) element).get("ids")));
        }
        assertThat(tokenizer.encode("", EncodeOptions.PROMPT)).containsExactly(2);
        assertThat(tokenizer.encode("[PAD0]"))
                .doesNotContain(((List<?>) metadata.get("tokenizer.ggml.tokens")).size() - 1);
    }

    /// The keys of `unigram.model` and an unused piece as llama.cpp writes them.
    static Map<String, Object> unigram() throws Exception {
        SentencePieceUnigram vocabulary = SentencePieceUnigram.of(Tokenizer.load(UNIGRAM));
        List<SentencePieces.Piece> pieces = new ArrayList<>(vocabulary.pieces());
        pieces.add(new SentencePieces.Piece("[PAD0]", 0, SentencePieces.Kind.UNUSED));
        Map<String, Object> metadata = new LinkedHashMap<>();
        metadata.put("tokenizer.ggml.model", "t5");
        metadata.put(
                "tokenizer.ggml.tokens",
                pieces.stream().map(SentencePieces.Piece::text).toList());
        metadata.put(
                "tokenizer.ggml.scores",
                pieces.stream().map(SentencePieces.Piece::score).toList());
        metadata.put(
                "tokenizer.ggml.token_type",
                pieces.stream().map(piece -> piece.kind().number()).toList());
        metadata.put("tokenizer.ggml.remove_extra_whitespaces", true);
        metadata.put(
                "tokenizer.ggml.precompiled_charsmap",
                vocabulary.normalization().map().bytes());
        metadata.put("tokenizer.ggml.eos_token_id", 2);
        return metadata;
    }

    @Test
    void texts_are_begun_and_ended_as_the_keys_say() throws Exception {
        Tokenizer trained = BpeTrainer.builder()
                .vocabularySize(260)
                .specialTokens("<s>", "</s>")
                .build()
                .train(List.of("int x;"));
        for (TextBoundaries boundaries : List.of(
                new TextBoundaries(-1, -1),
                new TextBoundaries(0, -1),
                new TextBoundaries(-1, 1),
                new TextBoundaries(0, 1))) {
            Tokenizer tokenizer = Tokenizer.builder()
                    .splitter(ByteLevelSplitter.gpt2())
                    .model(trained.model())
                    .addedTokens(trained.addedTokens())
                    .postProcessor(boundaries.postProcessor(trained::token))
                    .build();
            Map<String, Object> metadata = GgufVocabulary.metadata(tokenizer);
            assertThat(metadata)
                    .containsEntry("tokenizer.ggml.add_bos_token", boundaries.begin() >= 0)
                    .containsEntry("tokenizer.ggml.add_eos_token", boundaries.end() >= 0);
            assertThat(GgufVocabulary.read(metadata, "some.gguf").encode("x;", EncodeOptions.PROMPT))
                    .isEqualTo(tokenizer.encode("x;", EncodeOptions.PROMPT));
        }
        Map<String, Object> llama3 = new LinkedHashMap<>(GgufVocabulary.metadata(trained));
        llama3.put("tokenizer.ggml.pre", "llama-bpe");
        llama3.remove("tokenizer.ggml.add_bos_token");
        assertThat(GgufVocabulary.read(llama3, "some.gguf").encode("", EncodeOptions.PROMPT))
                .containsExactly(0);
    }

    private static Map<?, ?> pipeline(String name) throws Exception {
        return (Map<?, ?>)
                JSON.std.anyFrom(Files.readAllBytes(Path.of("src/test/resources/pipelines", name + ".json")));
    }

    private static List<String> tokens(Tokenizer tokenizer) {
        return IntStream.range(0, tokenizer.vocabularySize())
                .mapToObj(tokenizer::token)
                .toList();
    }

    private static void assertEqualsReference(Tokenizer tokenizer, Map<?, ?> file, EncodeOptions options, String ids) {
        for (Object element : (List<?>) file.get("cases")) {
            Map<?, ?> expected = (Map<?, ?>) element;
            if (expected.get("pair") == null) {
                String text = (String) expected.get("text");
                assertThat(tokenizer.encode(text, options)).as(text).isEqualTo(ints(expected.get(ids)));
            }
        }
    }

    private static int[] ints(Object list) {
        return ((List<?>) list).stream().mapToInt(value -> (Integer) value).toArray();
    }

    @Test
    void says_whether_the_model_fills_gaps() throws Exception {
        Tokenizer fresh = BpeTrainer.builder().vocabularySize(270).build().train(List.of("int x;"));
        assertThat(fresh.infillFormat()).isEmpty();
        assertThat(GgufVocabulary.read(GgufVocabulary.metadata(fresh), "fresh.gguf")
                        .infillFormat())
                .isEmpty();
        Tokenizer infilling = fresh.withConfig(fresh.config().withInfilling(true));
        assertThat(GgufVocabulary.read(GgufVocabulary.metadata(infilling), "trained.gguf")
                        .infillFormat())
                .isPresent();
    }

    @Test
    void names_the_key_that_is_missing_or_wrong() {
        assertThatThrownBy(() -> GgufVocabulary.read(Map.of(), "some.gguf"))
                .isInstanceOf(TokenizerFormatException.class)
                .hasMessageContaining("tokenizer.ggml.model")
                .hasMessageContaining("gpt2, llama, t5 or bert");
        assertThatThrownBy(() -> GgufVocabulary.read(
                        Map.of("tokenizer.ggml.model", "gpt2", "tokenizer.ggml.tokens", List.of("a", 7)), "some.gguf"))
                .isInstanceOf(TokenizerFormatException.class)
                .hasMessageContaining("tokenizer.ggml.tokens[1]");
    }

    /// The key-value pairs of a GGUF file, plainly.
    private static Map<String, Object> metadata(Path file) throws Exception {
        ByteBuffer buffer = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        buffer.position(16);
        Map<String, Object> metadata = new LinkedHashMap<>();
        for (long count = buffer.getLong(); count > 0; count--) {
            String key = string(buffer);
            metadata.put(key, value(buffer, buffer.getInt()));
        }
        return metadata;
    }

    private static Object value(ByteBuffer buffer, int type) {
        return switch (type) {
            case 0, 1 -> buffer.get();
            case 2, 3 -> buffer.getShort();
            case 4, 5 -> buffer.getInt();
            case 6 -> buffer.getFloat();
            case 7 -> buffer.get() != 0;
            case 8 -> string(buffer);
            case 9 -> {
                int element = buffer.getInt();
                List<Object> list = new ArrayList<>();
                for (long count = buffer.getLong(); count > 0; count--) {
                    list.add(value(buffer, element));
                }
                yield list;
            }
            case 10, 11 -> buffer.getLong();
            case 12 -> buffer.getDouble();
            default -> throw new IllegalArgumentException("type " + type);
        };
    }

    private static String string(ByteBuffer buffer) {
        byte[] bytes = new byte[(int) buffer.getLong()];
        buffer.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
