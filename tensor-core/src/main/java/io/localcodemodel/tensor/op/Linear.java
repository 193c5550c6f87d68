package io.localcodemodel.tensor.op;

import io.localcodemodel.tensor.Pass;
import io.localcodemodel.tensor.Shape;
import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tensor.Var;
import io.localcodemodel.tensor.Work;
import io.localcodemodel.tensor.kernel.Epilogue;
import io.localcodemodel.tensor.kernel.Layout;
import org.jspecify.annotations.Nullable;

/// An affine map of rows, with an optional residual added in the same write:
/// `Y = X·Wᵀ + 1·bᵀ (+ R)`.
///
/// With `dY` the gradient of the output: `dX += dY·W`, `dW += dYᵀ·X`, `db += Σ_rows dY`, `dR += dY`.
public final class Linear {
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

    /// `X·Wᵀ + b + R`.
    ///
    /// @param residual `[rows, out]`, or null
    public static Var apply(Pass pass, Var x, Var weight, @Nullable Var bias, @Nullable Var residual) {
        Shapes.requireRank("linear", "x", x, 2);
        Shapes.requireRank("linear", "weight", weight, 2);
        int rows = x.shape().dimension(0);
        int out = weight.shape().dimension(0);
        Shapes.require("linear", "weight", weight, Shape.of(out, x.shape().dimension(1)));
        Shapes.require("linear", "bias", bias, Shape.of(out));
        Shapes.require("linear", "residual", residual, Shape.of(rows, out));
        Var y = pass.output(Shape.of(rows, out), x, weight, bias, residual);
        Work work = Work.product("linear", rows, out, x.shape().dimension(1));
        pass.run(work, () -> forward(pass, x.value(), weight.value(), valueOf(bias), valueOf(residual), y.value()));
        if (y.requiresGradient()) {
            pass.record(y, work.times(2), () -> backward(pass, y, x, weight, bias, residual));
        }
        return y;
    }

    private static @Nullable Tensor valueOf(@Nullable Var variable) {
        return variable == null ? null : variable.value();
    }

    static void forward(
            Pass pass, Tensor x, Tensor weight, @Nullable Tensor bias, @Nullable Tensor residual, Tensor y) {
        int out = weight.shape().dimension(0);
        int in = weight.shape().dimension(1);
        Epilogue epilogue = new Epilogue(
                false,
                bias == null ? null : bias.array(),
                bias == null ? 0 : bias.offset(),
                residual == null ? null : residual.array(),
                residual == null ? 0 : residual.offset(),
                out);
        pass.kernels()
                .matmul(
                        pass.workers(),
                        Layout.NT,
                        x.shape().dimension(0),
                        out,
                        in,
                        x.array(),
                        x.offset(),
                        in,
                        weight.array(),
                        weight.offset(),
                        in,
                        y.array(),
                        y.offset(),
                        out,
                        epilogue);
    }

    private static void backward(Pass pass, Var y, Var x, Var weight, @Nullable Var bias, @Nullable Var residual) {
        Tensor dY = pass.gradientOf(y);
        int rows = x.shape().dimension(0);
        int out = weight.shape().dimension(0);
        int in = weight.shape().dimension(1);
        if (x.requiresGradient()) {
            Epilogue write = Epilogue.accumulate(x.gradient() != null);
            Tensor dX = pass.gradientToFill(x);
            Tensor w = weight.value();
            pass.kernels()
                    .matmul(
                            pass.workers(),
                            Layout.NN,
                            rows,
                            in,
                            out,
                            dY.array(),
                            dY.offset(),
                            out,
                            w.array(),
                            w.offset(),
                            in,
                            dX.array(),
                            dX.offset(),
                            in,
                            write);
        }
        if (weight.requiresGradient()) {
            Epilogue write = Epilogue.accumulate(weight.gradient() != null);
            Tensor dW = pass.gradientToFill(weight);
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
        if (bias != null && bias.requiresGradient()) {
            boolean add = bias.gradient() != null;
            Tensor dB = pass.gradientToFill(bias);
            Blocks.addRowSums(pass, dY, rows, out, dB, add);
        }
        if (residual != null && residual.requiresGradient()) {
            pass.passGradient(y, residual);
        }
    }
}
