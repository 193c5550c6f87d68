package io.localcodemodel.model.family;

import io.localcodemodel.model.Parameter;
import io.localcodemodel.model.file.TensorFile;
import io.localcodemodel.tensor.Shape;
import io.localcodemodel.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/// A family's tensor as rows of one of our parameters.
///
/// @param name what the family calls it
/// @param shape its extents in the family's files
/// @param parameter the parameter whose rows it holds
/// @param firstRow the parameter's row that its first row is, where `order` is null
/// @param order for each of its rows the parameter's row, or null where they follow each other
/// @param transposed whether the file holds it as `[in, out]`, where ours is `[out, in]`
public record TensorMapping(
        String name, Shape shape, Parameter parameter, int firstRow, int @Nullable [] order, boolean transposed) {
    private int rows() {
        return transposed ? shape.dimension(1) : shape.dimension(0);
    }

    private int rowSize() {
        return parameter.shape().size() / Math.max(1, parameter.shape().dimension(0));
    }

    private int row(int index) {
        return order == null ? firstRow + index : order[index];
    }

    /// Reads the tensor called `stored` into the parameter.
    public void fill(TensorFile file, String stored) {
        Tensor ours = parameter.variable().value();
        int rowSize = rowSize();
        if (order == null && !transposed) {
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

    /// The parameter's value as the family lays it out; a view of it where the layouts agree.
    public Tensor extractValue() {
        return extract(parameter.variable().value());
    }

    /// A tensor of the parameter's shape, its value or its gradient, as the family lays it out.
    public Tensor extract(Tensor ours) {
        int rowSize = rowSize();
        if (order == null && !transposed) {
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
