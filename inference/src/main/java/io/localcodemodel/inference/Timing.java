package io.localcodemodel.inference;

import java.time.Duration;

/// How long a completion took, waiting for other users of the same model included.
///
/// @param prefill from the first pull until the prompt was computed
/// @param decode from then until the end
public record Timing(Duration prefill, Duration decode) {
    /// Both together.
    public Duration total() {
        return prefill.plus(decode);
    }
}
