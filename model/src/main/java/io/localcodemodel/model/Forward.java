package io.localcodemodel.model;

import io.localcodemodel.tensor.Pass;
import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tensor.op.RotaryTable;
import org.jspecify.annotations.Nullable;

/// What every block of one forward shares.
///
/// @param rotary the angles, where the config rotates
/// @param explicitMask the mask written out, where attention is run by its definition
/// @param caches one for each sequence, or none
record Forward(
        Pass pass,
        TokenBatch batch,
        @Nullable RotaryTable rotary,
        @Nullable Tensor explicitMask,
        KvCache[] caches) {}
