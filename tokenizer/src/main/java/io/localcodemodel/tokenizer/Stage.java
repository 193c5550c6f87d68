package io.localcodemodel.tokenizer;

import java.util.Map;

/// A step of the pipeline: something that `tokenizer.json` can name.
///
/// @see Normalizer
/// @see Splitter
/// @see TokenModel
/// @see PostProcessor
/// @see Decoder
public interface Stage {

    /// Returns this stage as it is written into `tokenizer.json`, with the name of its kind under `type`.
    ///
    /// @throws UnsupportedOperationException if the stage has no form in that file, as a lambda has none
    default Map<String, Object> json() {
        throw new UnsupportedOperationException(
                getClass().getName() + " has no form in tokenizer.json, so a tokenizer with it cannot be saved");
    }
}
