package io.localcodemodel.tokenizer;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.jr.ob.JSON;

/// Reads and writes the older pair of files of byte-level BPE: `vocab.json`, which maps tokens to ids, and
/// `merges.txt`, which has a merge on each line (as GPT-2 was published: `encoder.json` and `vocab.bpe`).
///
/// The files name neither splitter nor special tokens. The splitter is that of GPT-2; a token that is neither a byte
/// nor made by a merge is taken for special.
public final class MergesFile {

    static final String VOCABULARY = "vocab.json";
    static final String MERGES = "merges.txt";

    private MergesFile() {}

    /// Reads a vocabulary and its merges.
    ///
    /// @throws TokenizerFormatException if a file is damaged
    /// @throws IOException if a file cannot be read
    public static Tokenizer read(Path vocabulary, Path merges) throws IOException {
        return read(
                Files.readAllBytes(vocabulary), vocabulary.toString(), Files.readAllBytes(merges), merges.toString());
    }

    static Tokenizer read(byte[] vocabularyFile, String vocabularyName, byte[] mergesFile, String mergesName)
            throws TokenizerFormatException {
        Vocabulary vocabulary = Vocabulary.of(TokenizerJson.parse(vocabularyFile, vocabularyName));
        MergeTable.Builder merges = new MergeTable.Builder(vocabulary.size());
        int number = 0;
        for (String line : new String(mergesFile, StandardCharsets.UTF_8).split("\n", -1)) {
            number++;
            String merge = line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
            if (merge.isEmpty() || merge.startsWith("#version")) {
                continue;
            }
            if (merges.addLine(vocabulary, merge, "").isPresent()) {
                throw new TokenizerFormatException(
                        mergesName,
                        "line " + number,
                        "two tokens of " + vocabularyName + " with a space between them, which together are a third",
                        JsonFields.describe(merge),
                        "Check that both files are whole and belong to each other.");
            }
        }
        return tokenizer(vocabulary, merges.build());
    }

    private static Tokenizer tokenizer(Vocabulary vocabulary, MergeTable merges) {
        Tokenizer.Builder builder = Tokenizer.builder()
                .splitter(ByteLevelSplitter.gpt2())
                .model(new Bpe(vocabulary, merges, MergingModel.Settings.PLAIN))
                .decoder(new ByteLevelDecoder(true, true, true));
        BitSet made = merges.made();
        for (int id = 0; id < vocabulary.size(); id++) {
            String token = vocabulary.token(id);
            if (token.length() > 1 && !made.get(id)) {
                builder.addedToken(AddedToken.special(token, id));
            }
        }
        return builder.build();
    }

    /// Writes `vocab.json` and `merges.txt` into a folder.
    ///
    /// @throws IllegalArgumentException if the tokenizer is no byte-level BPE with the splitter of GPT-2 and no normaliser
    /// @throws IOException if a file cannot be written
    public static void write(Tokenizer tokenizer, Path folder) throws IOException {
        if (!(tokenizer.model() instanceof Bpe bpe)) {
            throw new IllegalArgumentException("Only a byte-level BPE vocabulary has merges, not " + tokenizer.model());
        }
        if (tokenizer.normalizer().isPresent()
                || bpe.settings().ignoreMerges()
                || bpe.usesUnknown()
                || !tokenizer
                        .splitter()
                        .map(Stage::json)
                        .equals(Optional.of(ByteLevelSplitter.gpt2().json()))) {
            throw new IllegalArgumentException("The files " + VOCABULARY + " and " + MERGES
                    + " are read with the splitter of GPT-2, no normaliser, every merge and no unknown token; this"
                    + " tokenizer has others: save it as tokenizer.json");
        }
        Map<String, Object> vocabulary = new LinkedHashMap<>(bpe.vocabulary().json());
        for (AddedToken token : tokenizer.addedTokens()) {
            vocabulary.putIfAbsent(token.content(), token.id());
        }
        StringBuilder merges = new StringBuilder("#version: 0.2\n");
        for (List<String> pair : bpe.merges().json(bpe.vocabulary())) {
            merges.append(pair.get(0)).append(' ').append(pair.get(1)).append('\n');
        }
        SafeFiles.write(folder.resolve(VOCABULARY), JSON.std.asBytes(vocabulary));
        SafeFiles.write(folder.resolve(MERGES), merges.toString().getBytes(StandardCharsets.UTF_8));
    }
}
