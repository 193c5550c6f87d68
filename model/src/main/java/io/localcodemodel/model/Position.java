package io.localcodemodel.model;

import io.localcodemodel.tensor.op.RotaryTable;

/// How a model knows where a token stands.
public sealed interface Position {
    /// A trained vector for each position, added to the token's embedding (Vaswani et al. 2017; GPT-2).
    ///
    /// @param offset rows of the table before that of position 0, which stay unused: 2 in OPT, else 0
    record Learned(int offset) implements Position {
        /// A table that starts with position 0.
        public static Learned of() {
            return new Learned(0);
        }
    }

    /// Queries and keys rotated by an angle that grows with the position (Su et al. 2021, RoFormer).
    ///
    /// @param theta the base of the angles' geometric sequence
    /// @param scaling how the angles are changed for contexts longer than the model was first trained with
    /// @param dimensions how many leading elements of each head are rotated; [#WHOLE_HEAD] for all
    /// @param interleaved whether the pairs are `(2i, 2i + 1)`, not `(i, i + dimensions/2)`
    record Rotary(double theta, RotaryScaling scaling, int dimensions, boolean interleaved) implements Position {
        /// The base of Su et al. and of the first LLaMA: wavelengths from 6 to about 63,000 tokens.
        public static final double THETA = RotaryTable.DEFAULT_THETA;
        /// Stands for the head size, which a builder fills in.
        public static final int WHOLE_HEAD = 0;

        /// Rotates whole heads in the half-split order with unscaled angles.
        public static Rotary of(double theta) {
            return new Rotary(theta, new RotaryScaling.Unscaled(), WHOLE_HEAD, false);
        }

        /// The same with other scaling.
        public Rotary withScaling(RotaryScaling other) {
            return new Rotary(theta, other, dimensions, interleaved);
        }

        /// The same on the first `count` elements of each head.
        public Rotary withDimensions(int count) {
            return new Rotary(theta, scaling, count, interleaved);
        }

        /// The same with pairs of neighbours.
        public Rotary asInterleaved() {
            return new Rotary(theta, scaling, dimensions, true);
        }

        /// The angle from one position to the next for each rotated pair, in radians.
        double[] inverseFrequencies() {
            double[] plain = RotaryTable.inverseFrequencies(dimensions, theta);
            return switch (scaling) {
                case RotaryScaling.Unscaled() -> plain;
                case RotaryScaling.Linear(double factor) -> RotaryTable.linear(plain, factor);
                case RotaryScaling.Llama3(double factor, double low, double high, int original) ->
                    RotaryTable.llama3(plain, factor, low, high, original);
            };
        }
    }

    /// No position at all: the causal mask alone tells order (Haviv et al. 2022).
    record None() implements Position {}
}
