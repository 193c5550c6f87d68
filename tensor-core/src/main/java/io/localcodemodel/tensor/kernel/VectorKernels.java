package io.localcodemodel.tensor.kernel;

import org.jspecify.annotations.Nullable;

/// The kernels on SIMD lanes. Products live in [VectorMatmul]; the rest is one call to the class named after its section.
final class VectorKernels implements Kernels {
    static final VectorKernels INSTANCE = new VectorKernels();

    private VectorKernels() {}

    @Override
    public String name() {
        return "vector-" + Lanes.FLOATS.vectorBitSize();
    }

    @Override
    public BfloatKernels bfloat() {
        return VectorBfloat.INSTANCE;
    }

    @Override
    public BlockKernels blocks() {
        return VectorBlocks.INSTANCE;
    }

    @Override
    public NormKernels norms() {
        return VectorNorms.INSTANCE;
    }

    @Override
    public void matmul(
            Workers workers,
            Layout layout,
            int m,
            int n,
            int k,
            float[] a,
            int aOffset,
            int aStride,
            float[] b,
            int bOffset,
            int bStride,
            float[] c,
            int cOffset,
            int cStride,
            Epilogue epilogue,
            @Nullable Panels panels) {
        Scratch scratch = workers.borrow();
        try {
            VectorMatmul product = VectorMatmul.of(scratch);
            product.operands()
                    .set(layout, m, n, k, a, aOffset, aStride, b, bOffset, bStride, c, cOffset, cStride, epilogue);
            product.operands().panels = panels;
            product.run(workers, scratch);
        } finally {
            workers.giveBack(scratch);
        }
    }

    @Override
    public void matmul(
            Scratch scratch,
            Layout layout,
            int m,
            int n,
            int k,
            float[] a,
            int aOffset,
            int aStride,
            float[] b,
            int bOffset,
            int bStride,
            float[] c,
            int cOffset,
            int cStride,
            Epilogue epilogue) {
        VectorMatmul product = VectorMatmul.of(scratch);
        product.operands()
                .set(layout, m, n, k, a, aOffset, aStride, b, bOffset, bStride, c, cOffset, cStride, epilogue);
        product.run(scratch);
    }

    @Override
    public float dot(float[] a, int aOffset, float[] b, int bOffset, int length) {
        return VectorSpans.dot(a, aOffset, b, bOffset, length);
    }

    @Override
    public float sum(float[] x, int offset, int length) {
        return VectorSpans.sum(x, offset, length);
    }

    @Override
    public double sumOfSquares(float[] x, int offset, int length) {
        return VectorSpans.sumOfSquares(x, offset, length);
    }

    @Override
    public float maximum(float[] x, int offset, int length) {
        return VectorSpans.maximum(x, offset, length);
    }

    @Override
    public void add(float[] a, int aOffset, float[] b, int bOffset, float[] out, int outOffset, int length) {
        VectorSpans.add(a, aOffset, b, bOffset, out, outOffset, length);
    }

    @Override
    public void axpy(float alpha, float[] x, int xOffset, float[] y, int yOffset, int length) {
        VectorSpans.axpy(alpha, x, xOffset, y, yOffset, length);
    }

    @Override
    public void scale(float alpha, float[] x, int offset, int length) {
        VectorSpans.scale(alpha, x, offset, length);
    }

    @Override
    public void activate(Activation activation, float[] x, int xOffset, float[] out, int outOffset, int length) {
        VectorActivations.of(activation).activate(x, xOffset, out, outOffset, length);
    }

    @Override
    public void activateBackward(
            Activation activation,
            float[] x,
            int xOffset,
            float[] dOut,
            int dOutOffset,
            float[] dX,
            int dXOffset,
            int length,
            boolean accumulate) {
        VectorActivations.of(activation)
                .activateBackward(x, xOffset, dOut, dOutOffset, dX, dXOffset, length, accumulate);
    }

    @Override
    public void gate(
            Activation activation,
            float[] gate,
            int gateOffset,
            float[] up,
            int upOffset,
            float[] out,
            int outOffset,
            int length) {
        VectorActivations.of(activation).gate(gate, gateOffset, up, upOffset, out, outOffset, length);
    }

    @Override
    public void gateBackward(
            Activation activation,
            float[] gate,
            int gateOffset,
            float[] up,
            int upOffset,
            float[] dOut,
            int dOutOffset,
            float[] dGate,
            int dGateOffset,
            float[] dUp,
            int dUpOffset,
            int length,
            boolean accumulate) {
        VectorActivations.of(activation)
                .gateBackward(
                        gate,
                        gateOffset,
                        up,
                        upOffset,
                        dOut,
                        dOutOffset,
                        dGate,
                        dGateOffset,
                        dUp,
                        dUpOffset,
                        length,
                        accumulate);
    }

    @Override
    public void dropout(
            long seed,
            long first,
            float probability,
            float[] x,
            int xOffset,
            float[] out,
            int outOffset,
            int length,
            boolean accumulate) {
        VectorSpans.dropout(seed, first, probability, x, xOffset, out, outOffset, length, accumulate);
    }

    @Override
    public float exponentials(float[] x, int xOffset, float shift, float[] out, int outOffset, int length) {
        return VectorSoftmax.exponentials(x, xOffset, shift, out, outOffset, length);
    }

    @Override
    public void softmaxRow(float scale, float[] x, int xOffset, float[] out, int outOffset, int length) {
        VectorSoftmax.softmaxRow(scale, x, xOffset, out, outOffset, length);
    }

    @Override
    public void softmaxBackwardRow(
            float scale,
            float[] y,
            int yOffset,
            float[] dY,
            int dYOffset,
            float[] dX,
            int dXOffset,
            int length,
            boolean accumulate) {
        VectorSoftmax.softmaxBackwardRow(scale, y, yOffset, dY, dYOffset, dX, dXOffset, length, accumulate);
    }

    @Override
    public void softmaxGradientSpan(
            float[] y, int yOffset, float[] dY, int dYOffset, float inner, float[] dX, int dXOffset, int length) {
        VectorSoftmax.softmaxGradientSpan(y, yOffset, dY, dYOffset, inner, dX, dXOffset, length);
    }

    @Override
    public void rotateRow(float[] x, int offset, float[] cos, float[] sin, int tableOffset, float sign, int pairs) {
        VectorRotary.rotateRow(x, offset, cos, sin, tableOffset, sign, pairs);
    }

    @Override
    public void rotateInterleavedRow(
            float[] x, int offset, float[] cos, float[] sin, int tableOffset, float sign, int pairs) {
        VectorRotary.rotateInterleavedRow(x, offset, cos, sin, tableOffset, sign, pairs);
    }

    @Override
    public void adamW(
            float[] parameter,
            int parameterOffset,
            float[] gradient,
            int gradientOffset,
            float[] m,
            int mOffset,
            float[] v,
            int vOffset,
            int length,
            AdamWStep step) {
        VectorAdamW.floats(parameter, parameterOffset, gradient, gradientOffset, m, mOffset, v, vOffset, length, step);
    }
}
