package io.localcodemodel.tensor.op;

/// The cached keys and values of one layer, for each sequence of a batch: what attention reads when it decodes.
///
/// Row `j` of a sequence is the position `j`, `kvHeads · headSize` wide. The layer appends the rows of the new tokens
/// before it calls [Attention]; query `t` of `n` new tokens stands at position `length - n + t`.
public interface KeyValues {
    /// The array that holds the keys of a sequence.
    float[] keys(int sequence);

    /// The index of the first element of the first key in [#keys].
    int keysOffset(int sequence);

    /// The array that holds the values of a sequence.
    float[] values(int sequence);

    /// The index of the first element of the first value in [#values].
    int valuesOffset(int sequence);

    /// Elements from one row to the next, the same in all arrays.
    int rowStride();

    /// The number of rows of a sequence, the new tokens included.
    int length(int sequence);
}
