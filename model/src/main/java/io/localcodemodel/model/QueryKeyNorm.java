package io.localcodemodel.model;

/// Whether queries and keys are RMS-normalised before they are rotated and compared.
public enum QueryKeyNorm {
    /// As they are.
    NONE,
    /// Each head by itself, one weight of the head's size for all query heads and one for all key heads: Qwen3.
    PER_HEAD,
    /// All query heads as one row and all key heads as one row: OLMo 2.
    WHOLE
}
