package io.localcodemodel.benchmarks;

import java.util.Arrays;

/// What many measurements come to.
final class Figures {
    private Figures() {}

    static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    /// The value to three decimal places.
    static double rounded(double value) {
        return Math.round(value * 1000) / 1000.0;
    }
}
