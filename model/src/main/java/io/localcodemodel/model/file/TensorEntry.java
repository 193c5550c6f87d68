package io.localcodemodel.model.file;

import io.localcodemodel.tensor.Shape;

/// One tensor of a file, before its elements are read.
///
/// @param name its name in the file
/// @param type how an element is stored
/// @param shape its extents
/// @param position the byte in the file where its elements start
public record TensorEntry(String name, ElementType type, Shape shape, long position) {
    /// The bytes of all elements.
    public long byteLength() {
        return (long) shape.size() / type.blockElements() * type.bytes();
    }
}
