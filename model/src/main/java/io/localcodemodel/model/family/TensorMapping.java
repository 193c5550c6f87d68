package io.localcodemodel.model.family;

import io.localcodemodel.model.file.TensorFile;
import io.localcodemodel.tensor.Shape;
import io.localcodemodel.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/// A family's tensor as rows of one of our parameters.
///
/// @param name what the family calls it
/// @param shape its extents in the family's files
/// @param parameter the name of the parameter whose rows it holds
/// @param parameterShape the extents of that parameter
/// @param firstRow the parameter's row that its first row is, where `order` is null
/// @param order for each of its rows the parameter's row, or null where they follow each other
/// @param transposed whether the file holds it as `[in, out]`, where ours is `[out, in]`
public record TensorMapping(
        String name,
        Shape shape,
        String parameter,
        Shape parameterShape,
        int firstRow,
        int @Nullable [] order,
        boolean transposed) {
    /// Whether its rows are rows of the parameter in the same order.
    public boolean inOrder() {
        return order == null && !transposed;
    }

    private int rows() {
        return transposed ? shape.dimension(1) : shape.dimension(0);
    }

    private int rowSize() {
        return parameterShape.size() / Math.max(1, parameterShape.dimension(0));
    }

    private int row(int index) {
        return order == null ? firstRow + index : order[index];
    }

    /// Reads the tensor called `stored` into its place in the parameter's value.
    public void fill(TensorFile file, String stored, Tensor ours) {
        int rowSize = rowSize();
        if (inOrder()) {
            file.read(stored, ours.array(), ours.offset() + firstRow * rowSize);
            return;
        }
        float[] theirs = file.floats(stored);
        for (int i = 0; i < rows(); i++) {
            int to = ours.offset() + row(i) * rowSize;
            if (transposed) {
                for (int j = 0; j < rowSize; j++) {
                    ours.array()[to + j] = theirs[j * rows() + i];
                }
            } else {
                System.arraycopy(theirs, i * rowSize, ours.array(), to, rowSize);
            }
        }
    }

    /// A tensor of the parameter's shape, its value or its gradient, as the family lays it out; a view of it
    /// where the layouts agree.
    public Tensor extract(Tensor ours) {
        int rowSize = rowSize();
        if (inOrder()) {
            return ours.rows(firstRow, firstRow + rows()).reshape(shape);
        }
        Tensor theirs = Tensor.zeros(shape);
        for (int i = 0; i < rows(); i++) {
            int from = ours.offset() + row(i) * rowSize;
            if (transposed) {
                for (int j = 0; j < rowSize; j++) {
                    theirs.array()[j * rows() + i] = ours.array()[from + j];
                }
            } else {
                System.arraycopy(ours.array(), from, theirs.array(), i * rowSize, rowSize);
            }
        }
        return theirs;
    }
}
