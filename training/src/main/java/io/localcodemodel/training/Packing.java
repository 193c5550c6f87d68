package io.localcodemodel.training;

/// What a window of tokens may hold and what its tokens attend to.
public enum Packing {
    /// A window is a stretch of the stream; its tokens attend to all before them in the window, across the ends of texts.
    STREAM,
    /// The same stretches, but at every end of a text a new sequence begins: no token attends across files, and positions
    /// start again from 0.
    DOCUMENTS
}
