package io.localcodemodel.tensor.kernel;

/// The kernels of one activation; see the methods of the same names in [Kernels].
interface ActivationLoops {
    void activate(float[] x, int xOffset, float[] out, int outOffset, int length);

    void activateBackward(
            float[] x,
            int xOffset,
            float[] dOut,
            int dOutOffset,
            float[] dX,
            int dXOffset,
            int length,
            boolean accumulate);

    void gate(float[] gate, int gateOffset, float[] up, int upOffset, float[] out, int outOffset, int length);

    void gateBackward(
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
            boolean accumulate);
}
