package io.localcodemodel.inference;

import io.localcodemodel.model.GgufModel;
import io.localcodemodel.model.Transformer;
import io.localcodemodel.model.file.GgufFile;
import io.localcodemodel.tensor.Compute;
import io.localcodemodel.tensor.kernel.Kernels;
import io.localcodemodel.tensor.kernel.Workers;
import io.localcodemodel.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// Collects how to compute; `load` or `of` is the last call.
public final class CodeModelBuilder {
    private final Settings settings = new Settings("code model");
    private int workers = Runtime.getRuntime().availableProcessors();
    private @Nullable Kernels kernels;
    private @Nullable Executor executor;

    CodeModelBuilder() {}

    /// How many threads compute, the caller's included; by default one per processor.
    public CodeModelBuilder workers(int count) {
        settings.set("workers", () -> workers = Ranges.atLeast("workers", 1, count));
        return this;
    }

    /// Whose threads compute beside the caller's, as many at a time as there are workers; by default threads of the model's
    /// own, which take up work sooner. [CodeModel#close] leaves the executor as it is.
    public CodeModelBuilder executor(Executor threads) {
        settings.set("executor", () -> executor = threads);
        return this;
    }

    /// Which kernels compute; by default the fastest that this process can run.
    public CodeModelBuilder kernels(Kernels choice) {
        settings.set("kernels", () -> kernels = choice);
        return this;
    }

    /// Reads a model folder, or opens a GGUF file.
    ///
    /// @throws IllegalArgumentException naming everything that was set twice or out of range
    /// @throws IOException as [CodeModel#load]
    public CodeModel load(Path path) throws IOException {
        settings.check();
        if (GgufFile.recognises(path)) {
            return of(GgufContents.open(path));
        }
        ModelFolder.Contents contents = ModelFolder.load(path);
        return new CodeModel(contents.transformer(), contents.tokenizer(), contents.defaults(), this, null);
    }

    private CodeModel of(GgufContents contents) {
        GgufModel file = contents.model();
        try {
            return new CodeModel(file.transformer(), contents.tokenizer(), contents.defaults(), this, file);
        } catch (RuntimeException | Error failed) {
            file.close();
            throw failed;
        }
    }

    /// Puts a model together.
    ///
    /// @throws IllegalArgumentException naming everything that was set twice or out of range, or if the tokenizer knows
    ///     more tokens than the transformer
    public CodeModel of(Transformer transformer, Tokenizer tokenizer) {
        String misfit = CodeModel.misfit(transformer, tokenizer);
        if (misfit != null) {
            settings.problem(misfit);
        }
        settings.check();
        return new CodeModel(transformer, tokenizer, GenerationDefaults.of(tokenizer), this, null);
    }

    Compute compute() {
        return new Compute(
                kernels == null ? Kernels.fastest() : kernels,
                executor == null ? Workers.of(workers) : Workers.on(executor, workers));
    }
}
