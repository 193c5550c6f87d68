package io.localcodemodel.model;

import io.localcodemodel.tensor.op.Mask;
import java.util.ArrayList;
import java.util.List;

/// The rules that the parts of a config have to keep, and the words for each that is broken.
///
/// A size given as [#UNKNOWN] takes part in no rule: a builder has said already that it is missing.
final class ConfigRules {
    /// Stands for a size that nobody gave.
    static final int UNKNOWN = Integer.MIN_VALUE;
    /// The most elements of one tensor: an array's length, less some headers.
    private static final long LARGEST_TENSOR = Integer.MAX_VALUE - 16;

    /// Far more than any published model's 256: tables of angles, keys and values grow with it, whatever the weights.
    private static final int LARGEST_HEAD = 1 << 14;

    private final List<String> problems = new ArrayList<>();
    private final int vocabularySize;
    private final int contextLength;
    private final int width;
    private final int heads;
    private final int kvHeads;
    private final int headSize;

    ConfigRules(int vocabularySize, int contextLength, int layers, int width, int heads, int kvHeads, int headSize) {
        this.vocabularySize = positive("vocabularySize", vocabularySize);
        this.contextLength = positive("contextLength", contextLength);
        positive("layers", layers);
        this.width = positive("width", width);
        this.heads = positive("heads", heads);
        this.kvHeads = positive("kvHeads", kvHeads);
        this.headSize = positive("headSize", headSize);
        if (known(this.heads, this.kvHeads) && heads % kvHeads != 0) {
            problems.add("heads must be divisible by kvHeads: " + heads + " % " + kvHeads + " = " + heads % kvHeads);
        }
        if (known(this.headSize) && headSize > LARGEST_HEAD) {
            problems.add("headSize must be at most " + LARGEST_HEAD + ", was " + headSize);
        }
        fits("vocabularySize × width", this.vocabularySize, this.width);
        if (known(this.heads, this.kvHeads, this.headSize, this.width)) {
            long rows = ((long) heads + 2L * kvHeads) * headSize;
            if (rows > LARGEST_TENSOR || rows * width > LARGEST_TENSOR) {
                problems.add("(heads + 2 × kvHeads) × headSize × width must be at most " + LARGEST_TENSOR + ", was ("
                        + heads + " + 2 × " + kvHeads + ") × " + headSize + " × " + width);
            }
        }
    }

    private int positive(String name, int value) {
        if (value != UNKNOWN && value < 1) {
            problems.add(name + " must be at least 1, was " + value);
            return UNKNOWN;
        }
        return value;
    }

    private static boolean known(int... sizes) {
        for (int size : sizes) {
            if (size == UNKNOWN) {
                return false;
            }
        }
        return true;
    }

    private void fits(String product, int a, int b) {
        if (known(a, b) && (long) a * b > LARGEST_TENSOR) {
            problems.add(
                    product + " must be at most " + LARGEST_TENSOR + ", was " + a + " × " + b + " = " + (long) a * b);
        }
    }

    ConfigRules feedForward(int feedForwardWidth) {
        int hidden = positive("feedForwardWidth", feedForwardWidth);
        if (known(hidden) && hidden > LARGEST_TENSOR / 2) {
            problems.add("feedForwardWidth must be at most " + LARGEST_TENSOR / 2 + ", was " + hidden);
        } else if (known(hidden)) {
            fits("2 × feedForwardWidth × width", 2 * hidden, width);
        }
        return this;
    }

    ConfigRules position(Position position) {
        switch (position) {
            case Position.Learned learned -> {
                if (learned.offset() < 0) {
                    problems.add("position: offset must not be negative, was " + learned.offset());
                } else if (known(contextLength)) {
                    long rows = (long) contextLength + learned.offset();
                    fits("(contextLength + offset) × width", (int) Math.min(rows, Integer.MAX_VALUE), width);
                }
            }
            case Position.Rotary rotary -> rotary(rotary);
            case Position.None none -> {}
        }
        return this;
    }

    private void rotary(Position.Rotary rotary) {
        atLeast("position: rotary theta", rotary.theta(), 1);
        int dimensions = rotary.dimensions();
        if (known(headSize) && (dimensions < 2 || dimensions % 2 != 0 || dimensions > headSize)) {
            problems.add("position: rotary dimensions must be even, at least 2 and at most the head size " + headSize
                    + ", was " + dimensions);
        }
        switch (rotary.scaling()) {
            case RotaryScaling.Unscaled unscaled -> {}
            case RotaryScaling.Linear linear -> above("position: rotary scaling factor", linear.factor(), 0);
            case RotaryScaling.Llama3 llama3 -> {
                above("position: rotary scaling factor", llama3.factor(), 0);
                above("position: rotary lowFrequencyFactor", llama3.lowFrequencyFactor(), 0);
                if (!(llama3.highFrequencyFactor() > llama3.lowFrequencyFactor())) {
                    problems.add("position: rotary highFrequencyFactor must be above lowFrequencyFactor: "
                            + llama3.highFrequencyFactor() + " <= " + llama3.lowFrequencyFactor());
                }
                if (llama3.originalContextLength() < 1) {
                    problems.add("position: rotary originalContextLength must be at least 1, was "
                            + llama3.originalContextLength());
                }
            }
        }
    }

    ConfigRules norms(NormKind norm, Biases biases, QueryKeyNorm queryKeyNorm) {
        if (!(norm.epsilon() >= 0 && norm.epsilon() < Float.POSITIVE_INFINITY)) {
            problems.add("norm: epsilon must be finite and not negative, was " + norm.epsilon());
        }
        if (norm instanceof NormKind.Rms && biases.norm()) {
            problems.add("biases: an RMS norm has no bias, but biases.norm is true");
        }
        if (norm instanceof NormKind.Layer && queryKeyNorm != QueryKeyNorm.NONE) {
            problems.add("queryKeyNorm: queries and keys are RMS-normalised, so " + queryKeyNorm
                    + " needs an RMS norm, was " + norm);
        }
        return this;
    }

    ConfigRules mask(Mask mask) {
        switch (mask) {
            case Mask.Causal causal -> {}
            case Mask.SlidingWindow window -> positive("mask: window", window.window());
            case Mask.Bidirectional bidirectional ->
                problems.add("mask: a decoder must not see later tokens, was " + bidirectional);
        }
        return this;
    }

    ConfigRules numbers(float embeddingScale, DropoutRates dropout, float initialDeviation) {
        above("embeddingScale", embeddingScale, 0);
        probability("dropout: embedding", dropout.embedding());
        probability("dropout: residual", dropout.residual());
        above("initialDeviation", initialDeviation, 0);
        return this;
    }

    private void probability(String name, float value) {
        if (!(value >= 0 && value < 1)) {
            problems.add(name + " must be at least 0 and below 1, was " + value);
        }
    }

    private void above(String name, double value, double limit) {
        if (!(value > limit && value < Double.POSITIVE_INFINITY)) {
            problems.add(name + " must be finite and above " + limit + ", was " + value);
        }
    }

    private void atLeast(String name, double value, double limit) {
        if (!(value >= limit && value < Double.POSITIVE_INFINITY)) {
            problems.add(name + " must be finite and at least " + limit + ", was " + value);
        }
    }

    List<String> problems() {
        return problems;
    }
}
