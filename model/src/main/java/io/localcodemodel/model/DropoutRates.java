package io.localcodemodel.model;

/// How likely an activation is dropped while training; both 0 to drop none.
///
/// There is no dropout on attention probabilities: attention works in tiles and never holds them.
///
/// @param embedding on the sum of token and position embedding
/// @param residual on what attention and the feed-forward part add to the residual stream
public record DropoutRates(float embedding, float residual) {
    /// No dropout. Small models that see each text once underfit, and dropout only slows them.
    public static final DropoutRates NONE = new DropoutRates(0, 0);

    /// The same rate at both places.
    public static DropoutRates of(float rate) {
        return new DropoutRates(rate, rate);
    }
}
