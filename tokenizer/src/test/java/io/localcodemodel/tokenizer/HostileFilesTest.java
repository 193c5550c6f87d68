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
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Damaged files lead to the format exception or to a tokenizer that works, and to nothing else.
class HostileFilesTest {

    private static final int MUTANTS = 10_000;
    private static final String TEXT = "int x = 1; // größer 😀";

    private static final String BERT = """
        {"added_tokens":[{"id":1,"content":"[CLS]","special":true,"lstrip":true},{"id":2,"content":"[SEP]"}],
        "normalizer":{"type":"Sequence","normalizers":[{"type":"BertNormalizer","clean_text":true,
        "handle_chinese_chars":true,"strip_accents":null,"lowercase":true},{"type":"Nmt"},{"type":"Strip"},
        {"type":"Replace","pattern":{"Regex":"x+"},"content":"y"},{"type":"StripAccents"}]},
        "pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"BertPreTokenizer"},{"type":"Whitespace"},
        {"type":"Punctuation","behavior":"MergedWithNext"},{"type":"CharDelimiterSplit","delimiter":"-"}]},
        "post_processor":{"type":"BertProcessing","sep":["[SEP]",2],"cls":["[CLS]",1]},
        "decoder":{"type":"WordPiece","prefix":"##","cleanup":true},
        "model":{"type":"WordPiece","unk_token":"[UNK]","continuing_subword_prefix":"##",
        "max_input_chars_per_word":100,"vocab":{"[UNK]":0,"[CLS]":1,"[SEP]":2,"a":3,"##b":4,"int":5,"##t":6}}}
        """;

    private static final String UNIGRAM = """
        {"added_tokens":[{"id":1,"content":"</s>","special":true}],
        "normalizer":{"type":"Sequence","normalizers":[{"type":"Precompiled",
        "precompiled_charsmap":"DAAAAAAEAAABAAAAAAAAAGEAYgA="},{"type":"Lowercase"}]},
        "pre_tokenizer":{"type":"Metaspace","replacement":"▁","prepend_scheme":"first","split":false},
        "post_processor":{"type":"TemplateProcessing","single":[{"Sequence":{"id":"A","type_id":0}},
        {"SpecialToken":{"id":"</s>","type_id":0}}],"pair":[],
        "special_tokens":{"</s>":{"id":"</s>","ids":[1],"tokens":["</s>"]}}},
        "decoder":{"type":"Metaspace","replacement":"▁","prepend_scheme":"always"},
        "model":{"type":"Unigram","unk_id":0,"byte_fallback":true,"vocab":[["<unk>",0],["</s>",0.0],["▁",-2],
        ["a",-1.5],["▁ab",-3],["b",-2.25],["<0xC3>",0],["<0xB6>",0],["int",-4e0]]}}
        """;

    private static final String METASPACE = """
        {"pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"UnicodeScripts"},{"type":"WhitespaceSplit"},
        {"type":"Metaspace","replacement":"_","add_prefix_space":true}]},
        "post_processor":{"type":"Sequence","processors":[{"type":"ByteLevel","trim_offsets":true},
        {"type":"RobertaProcessing","sep":["a",2],"cls":["b",3],"trim_offsets":true,"add_prefix_space":false}]},
        "decoder":{"type":"Sequence","decoders":[{"type":"Replace","pattern":{"Regex":"_+"},"content":" "},
        {"type":"ByteFallback"},{"type":"Fuse"},{"type":"Strip","content":" ","start":1,"stop":0}]},
        "model":{"type":"BPE","unk_token":"<unk>","fuse_unk":true,"vocab":{"<unk>":0,"_":1,"a":2,"b":3,"ab":4,"_ab":5},
        "merges":[["a","b"],"_ ab"]}}
        """;

    private static final String AFFIXES = """
        {"pre_tokenizer":{"type":"Whitespace"},"decoder":{"type":"BPEDecoder","suffix":"</w>"},
        "model":{"type":"BPE","unk_token":"<unk>","continuing_subword_prefix":"##","end_of_word_suffix":"</w>",
        "fuse_unk":true,"vocab":{"<unk>":0,"a</w>":1,"a":2,"##b</w>":3,"ab</w>":4,"i":5,"##n":6,"##t</w>":7,"in":8},
        "merges":[["a","##b</w>"],"i ##n"]}}
        """;

    @Test
    void a_mutated_tokenizer_json_is_refused_or_works(@TempDir Path folder) throws Exception {
        Tokenizer tokenizer = BpeTrainer.builder()
                .vocabularySize(60)
                .allBytes(false)
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

    @ParameterizedTest
    @ValueSource(strings = {BERT, UNIGRAM, METASPACE, AFFIXES})
    void a_mutated_tokenizer_json_of_another_kind_is_refused_or_works(String json) throws Exception {
        byte[] file = json.getBytes(StandardCharsets.UTF_8);
        Tokenizer tokenizer = TokenizerJson.read(file, "whole.json");
        assertThat(tokenizer.encode("ab a", EncodeOptions.PROMPT)).isNotEmpty();

        mutate(file, new Random(5), mutant -> TokenizerJson.read(mutant, "mutant.json"));
    }

    @Test
    void a_mutated_unigram_model_is_refused_or_works() throws Exception {
        SentencePieceUnigram whole =
                SentencePieceUnigram.of(Tokenizer.load(Path.of("src/test/resources/sentencepiece/unigram.model")));
        // the fewer pieces, the more of the changes meet the rules and the settings
        byte[] model =
                SentencePieceWriter.write(new SentencePieces(whole.pieces().subList(0, 100), "few.model")
                        .tokenizer(SentencePieces.Algorithm.UNIGRAM, whole.normalization(), new TextBoundaries(1, -1)));

        mutate(model, new Random(6), mutant -> SentencePieceFile.read(mutant, "mutant.model"));
    }

    @Test
    void a_damaged_character_map_finds_less_and_nothing_else() throws Exception {
        byte[] model = Files.readAllBytes(Path.of("src/test/resources/sentencepiece/unigram.model"));
        PrecompiledNormalizer normalizer =
                (PrecompiledNormalizer) ((SequenceNormalizer) SentencePieceFile.read(model, "unigram.model")
                                .normalizer()
                                .orElseThrow())
                        .normalizers()
                        .getFirst();
        byte[] map = Base64.getDecoder().decode((String) normalizer.json().get("precompiled_charsmap"));
        String text = "\u00a0ﬁ ① Å e\u0301 ㌔ Ⅷ 가 \u200b 😀 ½";
        assertThat(normalizer.normalize(Text.of(text)).string()).isEqualTo(" fi 1 A é キロ VIII ga  :) 1/2");
        Random random = new Random(8);
        for (int i = 0; i < MUTANTS / 5; i++) {
            byte[] mutant = map.clone();
            for (int changes = 1 + random.nextInt(8); changes > 0; changes--) {
                mutant[random.nextInt(mutant.length)] = (byte) random.nextInt(256);
            }
            CharacterMap damaged = CharacterMap.read(mutant);
            for (boolean byGrapheme : new boolean[] {false, true}) {
                if (damaged != null) {
                    Text changed = new PrecompiledNormalizer(damaged, byGrapheme).normalize(Text.of(text));
                    assertThat(Utf8.isWellFormed(changed.utf8(), 0, changed.length()))
                            .isTrue();
                }
            }
        }
    }

    @Test
    void a_mutated_tiktoken_file_is_refused_or_works(@TempDir Path folder) throws Exception {
        Tokenizer tokenizer = BpeTrainer.builder()
                .vocabularySize(60)
                .specialTokens()
                .allBytes(false)
                .build()
                .train(List.of(TEXT, TEXT));
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
