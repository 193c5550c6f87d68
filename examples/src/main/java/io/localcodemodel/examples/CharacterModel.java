package io.localcodemodel.examples;

import io.localcodemodel.inference.CodeModel;
import io.localcodemodel.inference.GenerationOptions;
import io.localcodemodel.model.Transformer;
import io.localcodemodel.model.TransformerConfig;
import io.localcodemodel.tokenizer.CharacterTokenizer;
import io.localcodemodel.tokenizer.Tokenizer;
import io.localcodemodel.training.Corpus;
import io.localcodemodel.training.Schedule;
import io.localcodemodel.training.Trainer;

/// The smallest whole program: a model of single characters learns one method by heart and writes it down again.
public final class CharacterModel {
    private static final String TEXT = """
        static int gcd(int a, int b) {
            return b == 0 ? a : gcd(b, a % b);
        }
        """;

    private CharacterModel() {}

    /// Trains for a few seconds, then completes the first characters of the text.
    public static void main(String[] arguments) {
        Tokenizer tokenizer = CharacterTokenizer.of(TEXT);
        Transformer model = Transformer.initialise(
                TransformerConfig.llama()
                        .vocabularySize(tokenizer.vocabularySize())
                        .layers(2)
                        .width(64)
                        .heads(4)
                        .contextLength(96)
                        .build(),
                42);
        Trainer.builder()
                .model(model)
                .tokenizer(tokenizer)
                .corpus(Corpus.texts(TEXT.repeat(20)))
                .schedule(Schedule.warmupCosine(10, 200, 3e-3f, 1e-4f))
                .batch(4)
                .steps(200)
                .build()
                .run();
        try (CodeModel code = CodeModel.of(model, tokenizer)) {
            String head = "static int gcd(";
            System.out.println(
                    head + code.complete(head, GenerationOptions.greedy(70)).text());
        }
    }
}
