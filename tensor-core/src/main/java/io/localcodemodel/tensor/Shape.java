package io.localcodemodel.tensor;

import java.util.Arrays;

/// The extents of a tensor, outermost first; the last dimension is contiguous in memory.
///
/// A shape without dimensions is a scalar and has size 1. Extents may be zero, never negative.
public final class Shape {
    /// The shape of a single number.
    public static final Shape SCALAR = new Shape(new int[0]);

    private final int[] dimensions;
    private final int size;

    private Shape(int[] dimensions) {
        this.dimensions = dimensions;
        this.size = product(dimensions);
    }

    /// The shape with the given extents.
    ///
    /// @throws IllegalArgumentException if an extent is negative or the product exceeds the largest array
    public static Shape of(int... dimensions) {
        return dimensions.length == 0 ? SCALAR : new Shape(dimensions.clone());
    }

    /// The shape of a vector. With [#of(int, int)], most shapes of a training step, which should allocate little.
    public static Shape of(int length) {
        return new Shape(new int[] {length});
    }

    /// The shape of a matrix.
    public static Shape of(int rows, int columns) {
        return new Shape(new int[] {rows, columns});
    }

    private static int product(int[] dimensions) {
        long product = 1;
        for (int dimension : dimensions) {
            if (dimension < 0) {
                throw new IllegalArgumentException(
                        "shape " + Arrays.toString(dimensions) + " has a negative extent " + dimension);
            }
            product *= dimension;
            if (product > Integer.MAX_VALUE - 16) {
                throw new IllegalArgumentException("shape " + Arrays.toString(dimensions)
                        + " has more elements than one array can hold (" + (Integer.MAX_VALUE - 16)
                        + "); split the tensor");
            }
        }
        return (int) product;
    }

    /// The number of dimensions.
    public int rank() {
        return dimensions.length;
    }

    /// The extent of dimension `index`; a negative index counts from the last dimension (`-1` is the last).
    public int dimension(int index) {
        return dimensions[index < 0 ? dimensions.length + index : index];
    }

    /// Whether this is the shape of a vector of that length.
    public boolean isVector(int length) {
        return dimensions.length == 1 && size == length;
    }

    /// Whether this is the shape of a matrix of that extent.
    public boolean isMatrix(int rows, int columns) {
        return dimensions.length == 2 && dimensions[0] == rows && dimensions[1] == columns;
    }

    /// The number of elements.
    public int size() {
        return size;
    }

    /// The last extent, or 1 for a scalar: the length of a contiguous row.
    public int columns() {
        return dimensions.length == 0 ? 1 : dimensions[dimensions.length - 1];
    }

    /// The product of all extents but the last: the number of contiguous rows.
    public int rows() {
        int rows = 1;
        for (int i = 0; i < dimensions.length - 1; i++) {
            rows *= dimensions[i];
        }
        return rows;
    }

    /// A copy of the extents.
    public int[] dimensions() {
        return dimensions.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Shape shape && Arrays.equals(dimensions, shape.dimensions);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(dimensions);
    }

    /// The extents as `[2, 3]`; a scalar is `[]`.
    @Override
    public String toString() {
        return Arrays.toString(dimensions);
    }
}
