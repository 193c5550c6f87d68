package io.localcodemodel.tensor.op;

import io.localcodemodel.tensor.Pass;
import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tensor.Var;
import io.localcodemodel.tensor.Work;
import io.localcodemodel.tensor.kernel.Kernels;

/// Rotary position embedding of queries and keys (Su et al. 2021, RoFormer), in place.
///
/// Each pair `(a, b)` of a head at position p is turned by its angle φ of the [RotaryTable]:
/// `(a·cos φ - b·sin φ, a·sin φ + b·cos φ)`. Backward turns the gradient by `-φ`, also in place.
public final class Rotary {
    private Rotary() {}

    /// Rotates the query and key heads of fused rows; the values stay as they are.
    ///
    /// @param qkv `[tokens, (heads + 2·kvHeads)·headSize]`, a row is the queries, the keys, the values; changed in place
    /// @param positions the position of each token
    /// @return `qkv`
    public static Var apply(
            Pass pass, Var qkv, RotaryTable table, int[] positions, int heads, int kvHeads, int headSize) {
        Shapes.requireMatrix("rotary", "qkv", qkv, positions.length, (heads + 2 * kvHeads) * headSize);
        Shapes.requireRows("rotary", "position", positions, table.positions());
        if (table.rotaryDims() > headSize) {
            throw new IllegalArgumentException("rotary: expected a table of at most " + headSize
                    + " rotated elements, the size of a head, found " + table.rotaryDims());
        }
        int turned = heads + kvHeads;
        Work work = Work.elementwise("rotary", 2L * positions.length * turned * table.rotaryDims());
        pass.run(work, () -> rotate(pass, qkv.value(), table, positions, turned, headSize, 1));
        if (qkv.requiresGradient()) {
            pass.recordInPlace(
                    qkv, work, () -> rotate(pass, pass.gradientOf(qkv), table, positions, turned, headSize, -1));
        }
        return qkv;
    }

    private static void rotate(
            Pass pass, Tensor rows, RotaryTable table, int[] positions, int heads, int headSize, float sign) {
        int columns = rows.shape().columns();
        Kernels kernels = pass.kernels();
        float[] array = rows.array();
        Blocks.overRows(pass.workers(), positions.length, columns, (from, to, scratch) -> {
            for (int t = from; t < to; t++) {
                int angles = positions[t] * table.pairs();
                for (int head = 0; head < heads; head++) {
                    int at = rows.offset() + t * columns + head * headSize;
                    if (table.interleaved()) {
                        kernels.rotateInterleavedRow(array, at, table.cos(), table.sin(), angles, sign, table.pairs());
                    } else {
                        kernels.rotateRow(array, at, table.cos(), table.sin(), angles, sign, table.pairs());
                    }
                }
            }
        });
    }
}
