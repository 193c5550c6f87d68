package io.localcodemodel.benchmarks;

import com.knuddels.jtokkit.Encodings;
import io.localcodemodel.tokenizer.ByteLevelDecoder;
import io.localcodemodel.tokenizer.GgufVocabulary;
import io.localcodemodel.tokenizer.MetaspaceDecoder;
import io.localcodemodel.tokenizer.MetaspaceSplitter;
import io.localcodemodel.tokenizer.PrependScheme;
import io.localcodemodel.tokenizer.SequenceSplitter;
import io.localcodemodel.tokenizer.Splitter;
import io.localcodemodel.tokenizer.Tokenizer;
import io.localcodemodel.tokenizer.Unigram;
import io.localcodemodel.tokenizer.WhitespaceOnlySplitter;
import io.localcodemodel.tokenizer.WordPieceTrainer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The vocabularies that [TokenizerPeers] measures without being given a file: those in jtokkit's archive, and others that are
/// made of the texts that are encoded.
final class PeerVocabularies {

    /// As many as T5 and CodeT5 have.
    private static final int SIZE = 32_000;

    /// Scores have six decimals, which all libraries read from a file as the same number: sums of the logarithms of ranks
    /// are often equal but for their last bits.
    private static final double SCORE_STEPS = 1e6;

    private PeerVocabularies() {}

    /// Reads an encoding out of jtokkit's own archive.
    static Tokenizer openAi(String name, Path folder) throws IOException {
        Path file = folder.resolve(name + ".tiktoken");
        if (!Files.exists(file)) {
            try (InputStream in = Encodings.class.getResourceAsStream("/com/knuddels/jtokkit/" + name + ".tiktoken")) {
                if (in == null) {
                    throw new IOException("jtokkit has no " + name);
                }
                Files.copy(in, file);
            }
        }
        return Tokenizer.load(file);
    }

    /// Returns the vocabulary of another tokenizer with the splitter that has a name in GGUF files.
    static Tokenizer withSplitter(String name, Tokenizer vocabulary) throws IOException {
        Tokenizer named = GgufVocabulary.read(
                Map.of(
                        "tokenizer.ggml.model",
                        "gpt2",
                        "tokenizer.ggml.pre",
                        name,
                        "tokenizer.ggml.tokens",
                        List.of("a", "b", "ab"),
                        "tokenizer.ggml.merges",
                        List.of("a b")),
                name);
        return Tokenizer.builder()
                .splitter(named.splitter().orElseThrow())
                .model(vocabulary.model())
                .decoder(new ByteLevelDecoder(false, false, false))
                .build();
    }

    static Tokenizer wordPiece(List<String> texts) {
        return WordPieceTrainer.builder().vocabularySize(SIZE).build().train(texts);
    }

    /// Makes a unigram vocabulary of learned pieces, whose probability falls with their rank as that of words does (Zipf's law).
    static Tokenizer unigram(List<String> texts) {
        Splitter splitter = new SequenceSplitter(
                List.of(new WhitespaceOnlySplitter(), new MetaspaceSplitter('▁', PrependScheme.ALWAYS, true)));
        Tokenizer learned = WordPieceTrainer.builder()
                .vocabularySize(SIZE)
                .specialTokens("[UNK]")
                .normalizer(null)
                .splitter(splitter)
                .build()
                .train(texts);
        Set<String> pieces = new LinkedHashSet<>(List.of("<unk>"));
        for (int id = 1; id < learned.vocabularySize(); id++) {
            String token = learned.token(id);
            pieces.add(token.length() > 2 && token.startsWith("##") ? token.substring(2) : token);
        }
        double[] scores = new double[pieces.size()];
        for (int rank = 1; rank < scores.length; rank++) {
            scores[rank] = -Math.round(Math.log(rank) * SCORE_STEPS) / SCORE_STEPS;
        }
        return Tokenizer.builder()
                .splitter(splitter)
                .model(Unigram.of(List.copyOf(pieces), scores, 0, false))
                .decoder(new MetaspaceDecoder('▁', PrependScheme.ALWAYS, true))
                .build();
    }
}
