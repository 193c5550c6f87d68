package io.localcodemodel.model.file;

import io.localcodemodel.tensor.BlockStorage;
import java.nio.file.Path;
import java.util.SequencedMap;

/// Named tensors in one or more files, opened for reading; elements are read only when asked for.
///
/// Safe for use by several threads until it is closed.
public interface TensorFile extends AutoCloseable {
    /// The file, or the one that names the others.
    Path path();

    /// The tensors by name, in the order of the file.
    SequencedMap<String, TensorEntry> entries();

    /// Reads all elements of a tensor as 32-bit floats: F16 and BF16 become the same number, F64 is rounded.
    ///
    /// @param offset where the first element goes
    /// @throws IllegalArgumentException if there is no such tensor, its type holds no floats, or the target is too small
    void read(String name, float[] target, int offset);

    /// The elements of a tensor where they lie in the file; they are there until [#close()].
    ///
    /// @throws IllegalArgumentException if there is no such tensor, or no product reads elements of its type
    BlockStorage storage(String name);

    /// All elements of a tensor as 32-bit floats, row-major.
    default float[] floats(String name) {
        TensorEntry entry = entry(name);
        float[] values = new float[entry.shape().size()];
        read(name, values, 0);
        return values;
    }

    /// The entry of that name.
    ///
    /// @throws IllegalArgumentException if there is none
    default TensorEntry entry(String name) {
        TensorEntry entry = entries().get(name);
        if (entry == null) {
            throw new IllegalArgumentException(path() + " holds no tensor named " + name + "; entries() lists the "
                    + entries().size() + " it holds");
        }
        return entry;
    }

    /// Lets go of the file.
    @Override
    void close();
}
