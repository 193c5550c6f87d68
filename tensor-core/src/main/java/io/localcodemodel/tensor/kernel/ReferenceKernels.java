package io.localcodemodel.tensor.kernel;

import io.localcodemodel.tensor.Randomness;
import org.jspecify.annotations.Nullable;

/// The definition of every kernel: plain loops in index order, never tuned. Also what runs where the vector module is
/// absent.
final class ReferenceKernels implements Kernels {
    static final ReferenceKernels INSTANCE = new ReferenceKernels();

    private ReferenceKernels() {}

    @Override
    public String name() {
        return "reference";
    }

    @Override
    public BfloatKernels bfloat() {
        return ReferenceBfloat.INSTANCE;
    }

    @Override
    public BlockKernels blocks() {
        return ReferenceBlocks.INSTANCE;
    }

    @Override
    public NormKernels norms() {
        return ReferenceNorms.INSTANCE;
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
        workers.run(
                m,
                (row, scratch) -> matmulRow(
                        layout, row, n, k, a, aOffset, aStride, b, bOffset, bStride, c, cOffset, cStride, epilogue));
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
        for (int row = 0; row < m; row++) {
            matmulRow(layout, row, n, k, a, aOffset, aStride, b, bOffset, bStride, c, cOffset, cStride, epilogue);
        }
    }

    private static void matmulRow(
            Layout layout,
            int i,
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
        int aFirst = aOffset + (layout == Layout.TN ? i : i * aStride);
        int aStep = layout == Layout.TN ? aStride : 1;
        for (int j = 0; j < n; j++) {
            int bFirst = bOffset + (layout == Layout.NT ? j * bStride : j);
            int bStep = layout == Layout.NT ? 1 : bStride;
            float sum = 0;
            for (int p = 0; p < k; p++) {
                sum += a[aFirst + p * aStep] * b[bFirst + p * bStep];
            }
            matmulElement(sum, i, j, c, cOffset, cStride, epilogue);
        }
        epilogue.activate(INSTANCE, c, cOffset + i * cStride, i, 0, n);
    }

    /// What the epilogue makes of one element of a product, up to its activation.
    static void matmulElement(float sum, int i, int j, float[] c, int cOffset, int cStride, Epilogue epilogue) {
        int at = cOffset + i * cStride + j;
        float value = epilogue.accumulate() ? c[at] + sum : sum;
        if (epilogue.bias() != null) {
            value += epilogue.bias()[epilogue.biasOffset() + j];
        }
        if (epilogue.residual() != null) {
            value += epilogue.residual()[epilogue.residualOffset() + i * epilogue.residualStride() + j];
        }
        c[at] = value;
    }

    @Override
    public float dot(float[] a, int aOffset, float[] b, int bOffset, int length) {
        float sum = 0;
        for (int i = 0; i < length; i++) {
            sum += a[aOffset + i] * b[bOffset + i];
        }
        return sum;
    }

    @Override
    public float sum(float[] x, int offset, int length) {
        float sum = 0;
        for (int i = 0; i < length; i++) {
            sum += x[offset + i];
        }
        return sum;
    }

    @Override
    public double sumOfSquares(float[] x, int offset, int length) {
        double sum = 0;
        for (int i = 0; i < length; i++) {
            sum += (double) x[offset + i] * x[offset + i];
        }
        return sum;
    }

    @Override
    public float maximum(float[] x, int offset, int length) {
        float maximum = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < length; i++) {
            maximum = Math.max(maximum, x[offset + i]);
        }
        return maximum;
    }

    @Override
    public void add(float[] a, int aOffset, float[] b, int bOffset, float[] out, int outOffset, int length) {
        for (int i = 0; i < length; i++) {
            out[outOffset + i] = a[aOffset + i] + b[bOffset + i];
        }
    }

    @Override
    public void axpy(float alpha, float[] x, int xOffset, float[] y, int yOffset, int length) {
        for (int i = 0; i < length; i++) {
            y[yOffset + i] += alpha * x[xOffset + i];
        }
    }

    @Override
    public void scale(float alpha, float[] x, int offset, int length) {
        for (int i = 0; i < length; i++) {
            x[offset + i] *= alpha;
        }
    }

    @Override
    public void activate(Activation activation, float[] x, int xOffset, float[] out, int outOffset, int length) {
        for (int i = 0; i < length; i++) {
            out[outOffset + i] = (float) Activations.value(activation, x[xOffset + i]);
        }
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
        for (int i = 0; i < length; i++) {
            float change = (float) (dOut[dOutOffset + i] * Activations.slope(activation, x[xOffset + i]));
            dX[dXOffset + i] = accumulate ? dX[dXOffset + i] + change : change;
        }
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
        for (int i = 0; i < length; i++) {
            out[outOffset + i] = (float) Activations.value(activation, gate[gateOffset + i]) * up[upOffset + i];
        }
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
        for (int i = 0; i < length; i++) {
            float g = gate[gateOffset + i];
            float d = dOut[dOutOffset + i];
            float gateChange = (float) (d * up[upOffset + i] * Activations.slope(activation, g));
            float upChange = (float) (d * Activations.value(activation, g));
            dGate[dGateOffset + i] = accumulate ? dGate[dGateOffset + i] + gateChange : gateChange;
            dUp[dUpOffset + i] = accumulate ? dUp[dUpOffset + i] + upChange : upChange;
        }
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
        float kept = 1 / (1 - probability);
        for (int i = 0; i < length; i++) {
            float factor = Randomness.uniform(seed, first + i) < probability ? 0 : kept;
            float value = factor * x[xOffset + i];
            out[outOffset + i] = accumulate ? out[outOffset + i] + value : value;
        }
    }

    @Override
    public float exponentials(float[] x, int xOffset, float shift, float[] out, int outOffset, int length) {
        float sum = 0;
        for (int i = 0; i < length; i++) {
            float e = (float) Math.exp(x[xOffset + i] - shift);
            out[outOffset + i] = e;
            sum += e;
        }
        return sum;
    }

    @Override
    public void softmaxRow(float scale, float[] x, int xOffset, float[] out, int outOffset, int length) {
        float maximum = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < length; i++) {
            maximum = Math.max(maximum, scale * x[xOffset + i]);
        }
        float sum = 0;
        for (int i = 0; i < length; i++) {
            float e = maximum == Float.NEGATIVE_INFINITY ? 0 : (float) Math.exp(scale * x[xOffset + i] - maximum);
            out[outOffset + i] = e;
            sum += e;
        }
        scale(sum == 0 ? 0 : 1 / sum, out, outOffset, length);
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
        float inner = dot(y, yOffset, dY, dYOffset, length);
        for (int i = 0; i < length; i++) {
            float change = scale * y[yOffset + i] * (dY[dYOffset + i] - inner);
            dX[dXOffset + i] = accumulate ? dX[dXOffset + i] + change : change;
        }
    }

    @Override
    public void softmaxGradientSpan(
            float[] y, int yOffset, float[] dY, int dYOffset, float inner, float[] dX, int dXOffset, int length) {
        for (int i = 0; i < length; i++) {
            dX[dXOffset + i] = y[yOffset + i] * (dY[dYOffset + i] - inner);
        }
    }

    @Override
    public void rotateRow(float[] x, int offset, float[] cos, float[] sin, int tableOffset, float sign, int pairs) {
        for (int i = 0; i < pairs; i++) {
            rotate(x, offset + i, offset + i + pairs, cos[tableOffset + i], sign * sin[tableOffset + i]);
        }
    }

    @Override
    public void rotateInterleavedRow(
            float[] x, int offset, float[] cos, float[] sin, int tableOffset, float sign, int pairs) {
        for (int i = 0; i < pairs; i++) {
            rotate(x, offset + 2 * i, offset + 2 * i + 1, cos[tableOffset + i], sign * sin[tableOffset + i]);
        }
    }

    private static void rotate(float[] x, int first, int second, float cos, float sin) {
        float a = x[first];
        float b = x[second];
        x[first] = a * cos - b * sin;
        x[second] = a * sin + b * cos;
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
        for (int i = 0; i < length; i++) {
            float g = step.gradientScale() * gradient[gradientOffset + i];
            float first = step.beta1() * m[mOffset + i] + (1 - step.beta1()) * g;
            float second = step.beta2() * v[vOffset + i] + (1 - step.beta2()) * g * g;
            m[mOffset + i] = first;
            v[vOffset + i] = second;
            float denominator = (float) Math.sqrt(second / step.correction2()) + step.epsilon();
            float kept = parameter[parameterOffset + i] * step.kept();
            parameter[parameterOffset + i] = kept - step.rate() * (first / step.correction1()) / denominator;
        }
    }
}
