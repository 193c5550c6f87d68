package embedding;

import io.localcodemodel.inference.CodeModel;
import io.localcodemodel.inference.Completion;
import io.localcodemodel.inference.GenerationOptions;
import io.localcodemodel.model.Transformer;
import io.localcodemodel.model.TransformerConfig;
import io.localcodemodel.tensor.kernel.Kernels;
import io.localcodemodel.tokenizer.BpeTrainer;
import io.localcodemodel.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.List;

/// The smallest whole use of the library by an application: make a model, save it, load it, complete. Arguments: a folder,
/// and whether to close the model.
public final class Program {
    private Program() {}

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        Tokenizer tokenizer = BpeTrainer.builder()
                .vocabularySize(280)
                .build()
                .train(List.of("int gcd(int a, int b) { while (b != 0) { int r = a % b; a = b; b = r; } return a; }"));
        Transformer transformer = Transformer.initialise(
                TransformerConfig.llama()
                        .vocabularySize(tokenizer.vocabularySize())
                        .contextLength(64)
                        .layers(2)
                        .width(32)
                        .heads(4)
                        .build(),
                1);
        CodeModel.save(folder, transformer, tokenizer);
        CodeModel code = CodeModel.load(folder);
        Completion completion = code.complete("int gcd(", GenerationOptions.greedy(16));
        System.out.println("kernels " + Kernels.fastest().name());
        System.out.println("module " + CodeModel.class.getModule().getName());
        System.out.println("tokens " + completion.tokens());
        if (Boolean.parseBoolean(arguments[1])) {
            code.close();
        }
    }
}
