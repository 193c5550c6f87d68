package io.localcodemodel.tokenizer;

import java.io.IOException;

/// Receives the tokens of a stream, some at a time.
@FunctionalInterface
public interface TokenSink {

    /// Takes the first `count` ids of an array that will be written over afterwards.
    ///
    /// @throws IOException if they cannot be passed on; the encoding then ends with it
    void accept(int[] ids, int count) throws IOException;
}
