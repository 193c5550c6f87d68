package io.localcodemodel.tensor;

import java.util.Arrays;
import java.util.List;

/// A shape and the numbers that fill it, row-major and contiguous.
///
/// There are no strides: a transpose is a variant of a kernel, and a slice of whole rows is a tensor over the same
/// array ([#rows(int, int)]). A tensor does not own its array and is not synchronised.
///
/// @param shape the extents
/// @param storage the numbers, exactly `shape.size()` of them
public record Tensor(Shape shape, Storage storage) {
    public Tensor {
        if (storage.length() != shape.size()) {
            throw new IllegalArgumentException("a tensor of shape " + shape + " needs " + shape.size()
                    + " elements, the storage holds " + storage.length());
        }
    }

    /// A tensor of zeros in a new array.
    public static Tensor zeros(Shape shape) {
        return new Tensor(shape, new FloatStorage(new float[shape.size()], 0, shape.size()));
    }

    /// A tensor over the given values, which are not copied.
    ///
    /// @throws IllegalArgumentException if the number of values is not the size of the shape
    public static Tensor of(Shape shape, float... values) {
        return new Tensor(shape, new FloatStorage(values, 0, values.length));
    }

    /// The number of elements.
    public int size() {
        return shape.size();
    }

    /// The heap array that holds this tensor's elements from [#offset()] on.
    ///
    /// @throws IllegalStateException if the elements do not lie in a heap array of floats
    public float[] array() {
        return floats().array();
    }

    /// The index of the first element in [#array()].
    public int offset() {
        return floats().offset();
    }

    private FloatStorage floats() {
        if (storage instanceof FloatStorage floats) {
            return floats;
        }
        throw new IllegalStateException("this operation needs 32-bit floats in a heap array, the tensor of shape "
                + shape + " is stored as " + storage.getClass().getSimpleName());
    }

    /// The same numbers under another shape of equal size.
    public Tensor reshape(Shape other) {
        return new Tensor(other, storage);
    }

    /// The rows `from` (inclusive) to `to` (exclusive) of the first dimension, over the same array.
    public Tensor rows(int from, int to) {
        int[] dimensions = shape.dimensions();
        if (dimensions.length == 0 || from < 0 || to < from || to > dimensions[0]) {
            throw new IndexOutOfBoundsException("rows " + from + " to " + to + " of a tensor of shape " + shape);
        }
        int rowSize = dimensions[0] == 0 ? 0 : size() / dimensions[0];
        dimensions[0] = to - from;
        FloatStorage floats = floats();
        return new Tensor(
                Shape.of(dimensions),
                new FloatStorage(floats.array(), floats.offset() + from * rowSize, (to - from) * rowSize));
    }

    /// The same numbers in an array of floats: this tensor, or a copy where they are stored in blocks.
    public Tensor decoded() {
        return storage instanceof FloatStorage ? this : Tensor.of(shape, toArray());
    }

    /// A copy of the elements in row-major order, decoded where they are stored in blocks.
    public float[] toArray() {
        return switch (storage) {
            case FloatStorage floats ->
                Arrays.copyOfRange(floats.array(), floats.offset(), floats.offset() + floats.length());
            case BlockStorage blocks -> values(List.of(blocks));
            case StackedStorage stacked -> values(stacked.parts());
        };
    }

    private float[] values(List<BlockStorage> parts) {
        float[] values = new float[size()];
        int at = 0;
        for (BlockStorage part : parts) {
            part.decode(0, values, at, part.length());
            at += part.length();
        }
        return values;
    }

    /// The only element of a tensor of size 1.
    public float scalar() {
        if (size() != 1) {
            throw new IllegalStateException("a scalar was asked of a tensor of shape " + shape);
        }
        return array()[offset()];
    }

    /// Sets every element.
    public void fill(float value) {
        Arrays.fill(array(), offset(), offset() + size(), value);
    }

    @Override
    public String toString() {
        return "Tensor" + shape;
    }
}
