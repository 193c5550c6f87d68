package io.localcodemodel.tensor.op;

import io.localcodemodel.tensor.BlockStorage;
import io.localcodemodel.tensor.FloatStorage;
import io.localcodemodel.tensor.Pass;
import io.localcodemodel.tensor.Shape;
import io.localcodemodel.tensor.StackedStorage;
import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tensor.Var;
import io.localcodemodel.tensor.Work;
import io.localcodemodel.tensor.kernel.Activation;
import io.localcodemodel.tensor.kernel.Epilogue;
import io.localcodemodel.tensor.kernel.Layout;
import io.localcodemodel.tensor.kernel.Panels;
import org.jspecify.annotations.Nullable;

/// An affine map of rows, with an optional residual added in the same write:
/// `Y = X·Wᵀ + 1·bᵀ (+ R)`.
///
/// With `dY` the gradient of the output: `dX += dY·W`, `dW += dYᵀ·X`, `db += Σ_rows dY`, `dR += dY`.
public final class Linear {
    private static final int PANEL_ROWS = 256;
    private static final int MOST_ROWS = 1024;

    private Linear() {}

    /// `X·Wᵀ + b`.
    ///
    /// @param x `[rows, in]`
    /// @param weight `[out, in]`
    /// @param bias `[out]`, or null
    /// @return `[rows, out]`
    public static Var apply(Pass pass, Var x, Var weight, @Nullable Var bias) {
        return apply(pass, x, weight, bias, null);
    }

    /// `X·Wᵀ + b + R`. A weight in a block format ([BlockStorage], [StackedStorage]) is frozen: it takes no gradient, and `in` has to
    /// be a whole number of its blocks.
    ///
    /// @param residual `[rows, out]`, or null
    public static Var apply(Pass pass, Var x, Var weight, @Nullable Var bias, @Nullable Var residual) {
        requireFactors(x, weight, bias);
        int rows = x.shape().dimension(0);
        int out = weight.shape().dimension(0);
        Shapes.requireMatrix("linear", "residual", residual, rows, out);
        Var y = pass.output(Shape.of(rows, out), x, weight, bias, residual);
        Work work = Work.product("linear", rows, out, x.shape().dimension(1));
        if (pass.reads(y)) {
            pass.run(work, () -> forward(pass, x.value(), weight, epilogue(bias, residual, null), y.value()));
        }
        if (y.requiresGradient()) {
            pass.record(y, work.times(2), () -> backward(pass, y, x, weight, bias, residual));
        }
        return y;
    }

    /// `f(X·Wᵀ + b)`, the same bits as [Activate] of [#apply]. Each part of the product is activated while it is in the cache
    /// of who computed it; what goes into the activation is written beside only where the way back needs it.
    ///
    /// @param bias `[out]`, or null
    /// @return `[rows, out]`
    public static Var activated(Pass pass, Activation activation, Var x, Var weight, @Nullable Var bias) {
        requireFactors(x, weight, bias);
        int rows = x.shape().dimension(0);
        int out = weight.shape().dimension(0);
        Shape shape = Shape.of(rows, out);
        Var y = pass.output(shape, x, weight, bias);
        Var inner = y.requiresGradient() ? pass.intermediate(shape) : y;
        Work work = Work.product("linear, activated", rows, out, x.shape().dimension(1));
        pass.run(work, () -> {
            Tensor to = y.value();
            Epilogue.Activated activated = new Epilogue.Activated(activation, to.array(), to.offset(), out);
            forward(pass, x.value(), weight, epilogue(bias, null, activated), inner.value());
        });
        if (y.requiresGradient()) {
            pass.record(inner, work.times(2), () -> backward(pass, inner, x, weight, bias, null));
            Activate.record(pass, activation, inner, y);
        }
        return y;
    }

    private static void requireFactors(Var x, Var weight, @Nullable Var bias) {
        Shapes.requireRank("linear", "x", x, 2);
        Shapes.requireRank("linear", "weight", weight, 2);
        int out = weight.shape().dimension(0);
        Shapes.requireMatrix("linear", "weight", weight, out, x.shape().dimension(1));
        Shapes.requireVector("linear", "bias", bias, out);
        requireFrozenBlocks("linear", weight);
    }

    /// Checks that a weight in blocks is frozen and has rows of whole blocks.
    static void requireFrozenBlocks(String operation, Var weight) {
        if (weight.pairs() == null) {
            switch (weight.value().storage()) {
                case FloatStorage _ -> {}
                case BlockStorage blocks -> requireFrozen(operation, weight, blocks);
                case StackedStorage stacked -> stacked.parts().forEach(part -> requireFrozen(operation, weight, part));
            }
        }
    }

    private static void requireFrozen(String operation, Var weight, BlockStorage blocks) {
        int in = weight.shape().dimension(1);
        if (weight.requiresGradient()) {
            throw new IllegalArgumentException(operation + ": a weight in " + blocks.format()
                    + " cannot be trained; make it a constant, or decode it to a tensor of floats");
        }
        if (in % blocks.format().blockElements() != 0) {
            throw new IllegalArgumentException(operation + ": rows of " + blocks.format() + " are whole blocks of "
                    + blocks.format().blockElements() + " elements, the weight is " + weight.shape());
        }
        if (blocks.length() % in != 0) {
            throw new IllegalArgumentException(operation + ": expected stacked weights of whole rows of " + in
                    + " elements, found one of " + blocks.length() + " elements");
        }
    }

    /// Where the weight is kept packed from one micro-batch to the next. Packing is one pass over it, whose share of the
    /// product falls with the number of rows; beyond [#MOST_ROWS] it is not worth the memory of a second weight.
    private static @Nullable Panels panels(Pass pass, Var weight, Layout layout, int rows) {
        return pass.keepsPacked() && pass.records() && weight.requiresGradient() && rows <= MOST_ROWS
                ? weight.panels(layout)
                : null;
    }

    /// What is done to `X·Wᵀ` before it is written.
    static Epilogue epilogue(@Nullable Var bias, @Nullable Var residual, Epilogue.@Nullable Activated activated) {
        if (bias == null && residual == null && activated == null) {
            return Epilogue.ASSIGN;
        }
        Tensor b = bias == null ? null : bias.value();
        Tensor r = residual == null ? null : residual.value();
        return new Epilogue(
                false,
                b == null ? null : b.array(),
                b == null ? 0 : b.offset(),
                r == null ? null : r.array(),
                r == null ? 0 : r.offset(),
                r == null ? 0 : r.shape().columns(),
                activated);
    }

    private static void forward(Pass pass, Tensor x, Var weight, Epilogue epilogue, Tensor y) {
        Panels panels = panels(pass, weight, Layout.NT, x.shape().dimension(0));
        product(pass, x, weight, epilogue, y, panels);
    }

    /// `Y = X·Wᵀ`, and then the epilogue, however the weight is stored.
    static void product(Pass pass, Tensor x, Var weight, Epilogue epilogue, Tensor y, @Nullable Panels panels) {
        int out = weight.shape().dimension(0);
        int in = weight.shape().dimension(1);
        int rows = x.shape().dimension(0);
        Tensor pairs = weight.pairs();
        if (pairs != null) {
            bfloatProduct(pass, Layout.NT, rows, out, in, x, in, pairs, y, epilogue);
            return;
        }
        switch (weight.value().storage()) {
            case FloatStorage floats ->
                pass.kernels()
                        .matmul(
                                pass.workers(),
                                Layout.NT,
                                rows,
                                out,
                                in,
                                x.array(),
                                x.offset(),
                                in,
                                floats.array(),
                                floats.offset(),
                                in,
                                y.array(),
                                y.offset(),
                                out,
                                epilogue,
                                panels);
            case BlockStorage blocks -> columns(pass, x, blocks, 0, y, epilogue);
            case StackedStorage stacked -> {
                int first = 0;
                for (BlockStorage part : stacked.parts()) {
                    columns(pass, x, part, first, y, epilogue);
                    first += part.length() / in;
                }
            }
        }
    }

    /// The columns of `y` from `first` on, one for each row of the blocks.
    private static void columns(Pass pass, Tensor x, BlockStorage blocks, int first, Tensor y, Epilogue epilogue) {
        int in = x.shape().dimension(1);
        int out = y.shape().dimension(1);
        pass.kernels()
                .blocks()
                .product(
                        pass.workers(),
                        x.shape().dimension(0),
                        blocks.length() / in,
                        in,
                        x.array(),
                        x.offset(),
                        in,
                        blocks.format(),
                        blocks.segment(),
                        blocks.offset(),
                        y.array(),
                        y.offset() + first,
                        out,
                        epilogue.from(first));
    }

    private static void backward(Pass pass, Var y, Var x, Var weight, @Nullable Var bias, @Nullable Var residual) {
        Tensor dY = pass.gradientOf(y);
        int rows = x.shape().dimension(0);
        int out = weight.shape().dimension(0);
        if (x.requiresGradient()) {
            boolean accumulate = x.gradient() != null;
            Tensor dX = pass.gradientToFill(x);
            inputGradient(pass, dY, weight, dX, accumulate, panels(pass, weight, Layout.NN, rows));
        }
        if (weight.requiresGradient()) {
            weightGradient(pass, dY, x, weight);
        }
        if (bias != null && bias.requiresGradient()) {
            boolean add = bias.gradient() != null;
            Tensor dB = pass.gradientToFill(bias);
            Blocks.addRowSums(pass, dY, rows, out, dB, add);
        }
        if (residual != null && residual.requiresGradient()) {
            pass.passGradient(y, residual);
        }
    }

    /// `dW (+)= dYᵀ·X`.
    private static void weightGradient(Pass pass, Tensor dY, Var x, Var weight) {
        int rows = x.shape().dimension(0);
        int out = weight.shape().dimension(0);
        int in = weight.shape().dimension(1);
        Epilogue write = Epilogue.accumulate(weight.gradient() != null);
        Tensor dW = pass.gradientToFill(weight);
        Tensor pairs = x.pairs();
        if (pairs != null) {
            bfloatProduct(pass, Layout.TN, out, in, rows, dY, out, pairs, dW, write);
            return;
        }
        Tensor input = x.value();
        pass.kernels()
                .matmul(
                        pass.workers(),
                        Layout.TN,
                        out,
                        in,
                        rows,
                        dY.array(),
                        dY.offset(),
                        out,
                        input.array(),
                        input.offset(),
                        in,
                        dW.array(),
                        dW.offset(),
                        in,
                        write);
    }

    /// A product with pairs of bfloat16, `[m, n]`.
    static void bfloatProduct(
            Pass pass,
            Layout layout,
            int m,
            int n,
            int k,
            Tensor a,
            int aStride,
            Tensor pairs,
            Tensor c,
            Epilogue epilogue) {
        pass.kernels()
                .bfloat()
                .product(
                        pass.workers(),
                        layout,
                        m,
                        n,
                        k,
                        a.array(),
                        a.offset(),
                        aStride,
                        pairs.array(),
                        pairs.offset(),
                        c.array(),
                        c.offset(),
                        n,
                        epilogue);
    }

    /// `dX (+)= dY·W`, however the weight is stored.
    static void inputGradient(
            Pass pass, Tensor dY, Var weight, Tensor dX, boolean accumulate, @Nullable Panels panels) {
        int rows = dX.shape().dimension(0);
        int out = weight.shape().dimension(0);
        int in = weight.shape().dimension(1);
        Tensor pairs = weight.pairs();
        if (pairs != null) {
            bfloatProduct(pass, Layout.NN, rows, in, out, dY, out, pairs, dX, Epilogue.accumulate(accumulate));
            return;
        }
        switch (weight.value().storage()) {
            case FloatStorage floats -> inputGradient(pass, dY, 0, floats, out, dX, accumulate, panels);
            case BlockStorage blocks -> inputGradient(pass, dY, 0, blocks, dX, accumulate);
            case StackedStorage stacked -> {
                int first = 0;
                for (BlockStorage part : stacked.parts()) {
                    inputGradient(pass, dY, first, part, dX, accumulate || first > 0);
                    first += part.length() / in;
                }
            }
        }
    }

    /// `dX (+)= dY[:, first … first + panelRows]·W` with a panel of W's rows.
    private static void inputGradient(
            Pass pass,
            Tensor dY,
            int first,
            FloatStorage panel,
            int panelRows,
            Tensor dX,
            boolean accumulate,
            @Nullable Panels panels) {
        int out = dY.shape().dimension(1);
        int in = dX.shape().dimension(1);
        pass.kernels()
                .matmul(
                        pass.workers(),
                        Layout.NN,
                        dX.shape().dimension(0),
                        in,
                        panelRows,
                        dY.array(),
                        dY.offset() + first,
                        out,
                        panel.array(),
                        panel.offset(),
                        in,
                        dX.array(),
                        dX.offset(),
                        in,
                        Epilogue.accumulate(accumulate),
                        panels);
    }

    /// Frozen weights in blocks are decoded a panel of rows at a time; their first row belongs to column `column` of dY.
    private static void inputGradient(
            Pass pass, Tensor dY, int column, BlockStorage blocks, Tensor dX, boolean accumulate) {
        int in = dX.shape().dimension(1);
        int out = blocks.length() / in;
        Tensor panel = pass.temporary(Shape.of(Math.min(PANEL_ROWS, out), in));
        for (int first = 0; first < out; first += PANEL_ROWS) {
            int rows = Math.min(PANEL_ROWS, out - first);
            long at = blocks.offset() + first * blocks.format().bytes(in);
            pass.kernels()
                    .blocks()
                    .decode(blocks.format(), blocks.segment(), at, panel.array(), panel.offset(), rows * in);
            FloatStorage floats = new FloatStorage(panel.array(), panel.offset(), rows * in);
            inputGradient(pass, dY, column + first, floats, rows, dX, accumulate || first > 0, null);
        }
        pass.release(panel);
    }
}
