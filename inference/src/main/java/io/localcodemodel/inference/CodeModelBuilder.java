package io.localcodemodel.inference;

import io.localcodemodel.model.GgufModel;
import io.localcodemodel.model.MappedModel;
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
    private boolean weightsInPlace;

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

    /// Leaves the matrices of a model folder where they lie, in the mapped safetensors files, as those of a GGUF file always
    /// are: published models in 16 bits then take no memory of this process beyond what the operating system keeps of the
    /// files, and each token reads half as much. The files have to stay as they are until [CodeModel#close], and the weights
    /// cannot be trained. By default they become 32-bit floats in memory.
    public CodeModelBuilder weightsInPlace() {
        settings.set("weightsInPlace", () -> weightsInPlace = true);
        return this;
    }

    /// Reads a model folder, or opens a GGUF file.
    ///
    /// @throws IllegalArgumentException naming everything that was set twice or out of range
    /// @throws IOException as [CodeModel#load]
    public CodeModel load(Path path) throws IOException {
        settings.check();
        if (GgufFile.recognises(path)) {
            GgufContents contents = GgufContents.open(path);
            GgufModel file = contents.model();
            return of(file.transformer(), contents.tokenizer(), contents.defaults(), file);
        }
        SavedModel.Contents contents = SavedModel.load(path, weightsInPlace);
        return of(contents.transformer(), contents.tokenizer(), contents.defaults(), contents.mapped());
    }

    private CodeModel of(
            Transformer transformer, Tokenizer tokenizer, GenerationDefaults defaults, @Nullable MappedModel mapped) {
        try {
            return new CodeModel(transformer, tokenizer, defaults, this, mapped);
        } catch (RuntimeException | Error failed) {
            if (mapped != null) {
                mapped.close();
            }
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
        settings.conflict("weightsInPlace", "weightsInPlace says how files are read; `of` takes weights as they are");
        settings.check();
        return of(transformer, tokenizer, GenerationDefaults.of(tokenizer), null);
    }

    Compute compute() {
        return new Compute(
                kernels == null ? Kernels.fastest() : kernels,
                executor == null ? Workers.of(workers) : Workers.on(executor, workers));
    }
}
