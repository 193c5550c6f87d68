package io.localcodemodel.tensor.kernel;

import io.localcodemodel.tensor.kernel.KernelCase.Use;
import java.util.ArrayList;
import java.util.List;

/// Every kernel over spans, in every way of calling it.
final class KernelCases {
    private static final boolean[] BOTH = {false, true};

    private KernelCases() {}

    static List<KernelCase> all() {
        List<KernelCase> cases = new ArrayList<>();
        sums(cases);
        arithmetic(cases);
        activations(cases);
        gates(cases);
        softmax(cases);
        layerNorm(cases);
        rmsNorm(cases);
        rotary(cases);
        optimizer(cases);
        return cases;
    }

    private static KernelCase add(List<KernelCase> cases, String method, String variant) {
        KernelCase added = new KernelCase(method, variant);
        cases.add(added);
        return added;
    }

    private static void sums(List<KernelCase> cases) {
        add(cases, "dot", "")
                .read()
                .read()
                .alias(0, 1)
                .tolerance(1e-5)
                .calls((k, a, o, n) -> k.dot(a[0], o[0], a[1], o[1], n));
        add(cases, "sum", "").read().tolerance(1e-5).calls((k, a, o, n) -> k.sum(a[0], o[0], n));
        add(cases, "sumOfSquares", "").read().tolerance(1e-14).calls((k, a, o, n) -> k.sumOfSquares(a[0], o[0], n));
        add(cases, "sumOfSquares", "that overflow a float")
                .read(1e25f, 2e25f)
                .tolerance(1e-14)
                .calls((k, a, o, n) -> k.sumOfSquares(a[0], o[0], n));
        add(cases, "maximum", "").read().tolerance(0).calls((k, a, o, n) -> k.maximum(a[0], o[0], n));
        add(cases, "maximum", "of negative numbers")
                .read(-9, -8)
                .tolerance(0)
                .calls((k, a, o, n) -> k.maximum(a[0], o[0], n));
    }

    private static void arithmetic(List<KernelCase> cases) {
        add(cases, "add", "")
                .read()
                .read()
                .written()
                .alias(0, 1)
                .alias(0, 2)
                .alias(1, 2)
                .tolerance(0)
                .calls((k, a, o, n) -> nothing(() -> k.add(a[0], o[0], a[1], o[1], a[2], o[2], n)));
        add(cases, "axpy", "")
                .read()
                .updated()
                .calls((k, a, o, n) -> nothing(() -> k.axpy(0.7f, a[0], o[0], a[1], o[1], n)));
        add(cases, "scale", "")
                .updated()
                .tolerance(0)
                .calls((k, a, o, n) -> nothing(() -> k.scale(-1.3f, a[0], o[0], n)));
        for (boolean accumulate : BOTH) {
            KernelCase dropout = add(cases, "dropout", accumulate ? "accumulating" : "")
                    .read()
                    .span(accumulate ? Use.UPDATED : Use.WRITTEN, n -> n, -2, 2)
                    .tolerance(1e-7)
                    .calls((k, a, o, n) ->
                            nothing(() -> k.dropout(7, 1L << 33, 0.3f, a[0], o[0], a[1], o[1], n, accumulate)));
            if (!accumulate) {
                dropout.alias(0, 1);
            }
        }
    }

    private static void activations(List<KernelCase> cases) {
        for (Activation f : Activation.values()) {
            add(cases, "activate", f.name())
                    .read(-6, 6)
                    .written()
                    .alias(0, 1)
                    .calls((k, a, o, n) -> nothing(() -> k.activate(f, a[0], o[0], a[1], o[1], n)));
            add(cases, "activateBackward", f.name())
                    .read(-6, 6)
                    .read()
                    .written()
                    .alias(0, 2)
                    .alias(1, 2)
                    .calls((k, a, o, n) ->
                            nothing(() -> k.activateBackward(f, a[0], o[0], a[1], o[1], a[2], o[2], n, false)));
            add(cases, "activateBackward", f.name() + " accumulating")
                    .read(-6, 6)
                    .read()
                    .updated()
                    .calls((k, a, o, n) ->
                            nothing(() -> k.activateBackward(f, a[0], o[0], a[1], o[1], a[2], o[2], n, true)));
        }
    }

    private static void gates(List<KernelCase> cases) {
        for (Activation f : Activation.values()) {
            add(cases, "gate", f.name())
                    .read(-6, 6)
                    .read()
                    .written()
                    .alias(0, 2)
                    .alias(1, 2)
                    .calls((k, a, o, n) -> nothing(() -> k.gate(f, a[0], o[0], a[1], o[1], a[2], o[2], n)));
            for (boolean accumulate : BOTH) {
                Use use = accumulate ? Use.UPDATED : Use.WRITTEN;
                KernelCase backward = add(cases, "gateBackward", f.name() + (accumulate ? " accumulating" : ""))
                        .read(-6, 6)
                        .read()
                        .read()
                        .span(use, n -> n, -2, 2)
                        .span(use, n -> n, -2, 2)
                        .calls((k, a, o, n) -> nothing(() -> k.gateBackward(
                                f, a[0], o[0], a[1], o[1], a[2], o[2], a[3], o[3], a[4], o[4], n, accumulate)));
                if (!accumulate) {
                    backward.alias(0, 3).alias(1, 4).alias(2, 3);
                }
            }
        }
    }

    private static void softmax(List<KernelCase> cases) {
        add(cases, "exponentials", "")
                .read(-20, 3)
                .written()
                .alias(0, 1)
                .tolerance(1e-5)
                .calls((k, a, o, n) -> k.exponentials(a[0], o[0], 2.5f, a[1], o[1], n));
        for (float scale : new float[] {1, 0.125f, -0.5f}) {
            add(cases, "softmaxRow", "scale " + scale)
                    .read(-30, 30)
                    .written()
                    .alias(0, 1)
                    .calls((k, a, o, n) -> nothing(() -> k.softmaxRow(scale, a[0], o[0], a[1], o[1], n)));
        }
        for (boolean accumulate : BOTH) {
            KernelCase backward = add(cases, "softmaxBackwardRow", accumulate ? "accumulating" : "")
                    .read(0, 0.1f)
                    .read()
                    .span(accumulate ? Use.UPDATED : Use.WRITTEN, n -> n, -2, 2)
                    .tolerance(1e-5)
                    .calls((k, a, o, n) -> nothing(
                            () -> k.softmaxBackwardRow(0.125f, a[0], o[0], a[1], o[1], a[2], o[2], n, accumulate)));
            if (!accumulate) {
                backward.alias(0, 2).alias(1, 2);
            }
        }
        add(cases, "softmaxGradientSpan", "")
                .read(0, 0.1f)
                .read()
                .written()
                .alias(0, 2)
                .alias(1, 2)
                .calls((k, a, o, n) ->
                        nothing(() -> k.softmaxGradientSpan(a[0], o[0], a[1], o[1], 0.3f, a[2], o[2], n)));
    }

    private static void layerNorm(List<KernelCase> cases) {
        for (boolean biased : BOTH) {
            add(cases, "layerNormRow", biased ? "with bias" : "")
                    .read(1, 4)
                    .read()
                    .read()
                    .written()
                    .span(Use.WRITTEN, n -> n == 0 ? 0 : 2, -2, 2)
                    .alias(0, 3)
                    .tolerance(2e-5)
                    .calls((k, a, o, n) -> n == 0
                            ? 0
                            : nothing(() -> k.norms()
                                    .layerNormRow(
                                            a[0],
                                            o[0],
                                            a[1],
                                            o[1],
                                            biased ? a[2] : null,
                                            o[2],
                                            a[3],
                                            o[3],
                                            n,
                                            1e-5f,
                                            a[4],
                                            o[4])));
            for (boolean accumulate : BOTH) {
                KernelCase backward = add(
                                cases,
                                "layerNormBackwardRow",
                                (biased ? "with bias" : "") + (accumulate ? " accumulating" : ""))
                        .read(1, 4)
                        .read()
                        .read()
                        .span(accumulate ? Use.UPDATED : Use.WRITTEN, n -> n, -2, 2)
                        .updated()
                        .span(biased ? Use.UPDATED : Use.READ, n -> n, -2, 2)
                        .tolerance(2e-5)
                        .calls((k, a, o, n) -> nothing(() -> k.norms()
                                .layerNormBackwardRow(
                                        a[0],
                                        o[0],
                                        a[1],
                                        o[1],
                                        a[2],
                                        o[2],
                                        a[3],
                                        o[3],
                                        a[4],
                                        o[4],
                                        biased ? a[5] : null,
                                        o[5],
                                        n,
                                        2.4f,
                                        1.1f,
                                        accumulate)));
                if (!accumulate) {
                    backward.alias(2, 3);
                }
            }
        }
    }

    private static void rmsNorm(List<KernelCase> cases) {
        for (float shift : new float[] {0, 1}) {
            add(cases, "rmsNormRow", "weight shift " + shift)
                    .read()
                    .read()
                    .written()
                    .alias(0, 2)
                    .tolerance(1e-5)
                    .calls((k, a, o, n) ->
                            n == 0 ? 0 : k.norms().rmsNormRow(a[0], o[0], a[1], o[1], shift, a[2], o[2], n, 1e-5f));
            for (boolean accumulate : BOTH) {
                KernelCase backward = add(
                                cases,
                                "rmsNormBackwardRow",
                                "weight shift " + shift + (accumulate ? " accumulating" : ""))
                        .read()
                        .read()
                        .read()
                        .span(accumulate ? Use.UPDATED : Use.WRITTEN, n -> n, -2, 2)
                        .updated()
                        .tolerance(1e-5)
                        .calls((k, a, o, n) -> nothing(() -> k.norms()
                                .rmsNormBackwardRow(
                                        a[0],
                                        o[0],
                                        a[1],
                                        o[1],
                                        shift,
                                        a[2],
                                        o[2],
                                        a[3],
                                        o[3],
                                        a[4],
                                        o[4],
                                        n,
                                        0.8f,
                                        accumulate)));
                if (!accumulate) {
                    backward.alias(2, 3);
                }
            }
        }
    }

    private static void rotary(List<KernelCase> cases) {
        for (float sign : new float[] {1, -1}) {
            add(cases, "rotateRow", "sign " + sign)
                    .span(Use.UPDATED, n -> 2 * n, -2, 2)
                    .read(-1, 1)
                    .span(Use.READ, n -> n + o(), -1, 1)
                    .calls((k, a, o, n) -> nothing(() -> k.rotateRow(a[0], o[0], a[1], a[2], o[1], sign, n)));
            add(cases, "rotateInterleavedRow", "sign " + sign)
                    .span(Use.UPDATED, n -> 2 * n, -2, 2)
                    .read(-1, 1)
                    .span(Use.READ, n -> n + o(), -1, 1)
                    .calls((k, a, o, n) ->
                            nothing(() -> k.rotateInterleavedRow(a[0], o[0], a[1], a[2], o[1], sign, n)));
        }
    }

    /// The two tables of a rotation share one offset, so the second is longer than its span by any offset in use.
    private static int o() {
        return 64;
    }

    private static void optimizer(List<KernelCase> cases) {
        add(cases, "adamW", "")
                .updated()
                .span(Use.READ, n -> n, -3, 3)
                .span(Use.UPDATED, n -> n, -1, 1)
                .span(Use.UPDATED, n -> n, 0, 1)
                .tolerance(3e-6)
                .calls((k, a, o, n) -> nothing(() -> k.adamW(
                        a[0],
                        o[0],
                        a[1],
                        o[1],
                        a[2],
                        o[2],
                        a[3],
                        o[3],
                        n,
                        new AdamWStep(1e-2f, 0.9f, 0.99f, 1e-8f, 0.1f, 0.5f, 0.2f, 0.25f))));
    }

    private static double nothing(Runnable call) {
        call.run();
        return 0;
    }
}
