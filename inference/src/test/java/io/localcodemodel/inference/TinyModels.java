package io.localcodemodel.inference;

import io.localcodemodel.model.Transformer;
import io.localcodemodel.model.TransformerConfig;
import io.localcodemodel.model.TransformerConfigBuilder;
import io.localcodemodel.tensor.kernel.Kernels;
import io.localcodemodel.tokenizer.BpeTrainer;
import io.localcodemodel.tokenizer.CharacterTokenizer;
import io.localcodemodel.tokenizer.Tokenizer;
import java.util.List;

/// Models with random weights, small enough to run hundreds of times in a test.
final class TinyModels {
    static final int CONTEXT = 64;
    static final String SOURCE = """
        public static int gcd(int a, int b) {
            while (b != 0) {
                int rest = a % b;
                a = b;
                b = rest;
            }
            return a; // größter gemeinsamer Teiler, 最大公約数 🧮
        }
        """;
    /// Byte-level, so that a character may take several tokens.
    static final Tokenizer BYTES =
            infilling(BpeTrainer.builder().vocabularySize(300).build().train(List.of(SOURCE)));

    static final Tokenizer CHARACTERS = CharacterTokenizer.of(SOURCE);

    private TinyModels() {}

    /// The tokenizer of a model that was trained to fill gaps.
    static Tokenizer infilling(Tokenizer tokenizer) {
        return tokenizer.withConfig(tokenizer.config().withInfilling(true));
    }

    static TransformerConfigBuilder small(TransformerConfigBuilder preset, Tokenizer tokenizer) {
        return preset.vocabularySize(tokenizer.vocabularySize())
                .contextLength(CONTEXT)
                .layers(2)
                .width(32)
                .heads(4);
    }

    static Transformer llama(Tokenizer tokenizer) {
        return Transformer.initialise(
                small(TransformerConfig.llama(), tokenizer).kvHeads(2).build(), 7);
    }

    static CodeModel reference(Transformer transformer, Tokenizer tokenizer) {
        return CodeModel.builder().kernels(Kernels.reference()).workers(1).of(transformer, tokenizer);
    }

    /// A byte-level model on the defining kernels.
    static CodeModel bytes() {
        return reference(llama(BYTES), BYTES);
    }
}
