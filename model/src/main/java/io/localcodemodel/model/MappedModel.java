package io.localcodemodel.model;

import java.io.IOException;
import java.nio.file.Path;

/// A transformer whose matrices are read where they lie in mapped files: they take no memory of this process beyond what
/// the operating system keeps of the files, which have to stay as they are. The weights are frozen; [Transformer#load]
/// reads the same files into trainable floats.
public sealed interface MappedModel extends AutoCloseable permits GgufModel, MappedFolder {
    /// Opens a model folder, whose matrices may be in F32, F16 or BF16. Where the family keeps a matrix in another order (GPT-2
    /// its projections, GPT-NeoX and CodeGen those of attention), that one is copied.
    ///
    /// @throws ModelFormatException as [Transformer#load]
    static MappedModel open(Path folder) throws IOException {
        return MappedFolder.open(folder);
    }

    /// The transformer. It cannot be used once this is closed: its weights are gone with the files.
    ///
    /// @throws IllegalStateException if this is closed
    Transformer transformer();

    /// The folder or the file.
    Path path();

    /// Lets go of the files. Nobody may be computing with the transformer; afterwards it throws [IllegalStateException].
    @Override
    void close();
}
