package io.localcodemodel.model;

import io.localcodemodel.tensor.Pass;
import io.localcodemodel.tensor.Var;
import io.localcodemodel.tensor.op.Attention;
import io.localcodemodel.tensor.op.AttentionSpec;
import io.localcodemodel.tensor.op.NaiveAttention;
import io.localcodemodel.tensor.op.Rotary;
import java.util.List;

/// Tokens reading from the tokens before them: one fused projection to queries, keys and values, rotation where the
/// config has it, attention, and the projection back.
final class SelfAttention {
    private final TransformerConfig config;
    private final AttentionSpec spec;
    private final Projection queryKeyValue;
    private final Projection output;

    SelfAttention(ParamScope scope, TransformerConfig config) {
        this.config = config;
        float scale = (float) (1 / Math.sqrt(config.headSize()));
        spec = new AttentionSpec(config.heads(), config.kvHeads(), config.headSize(), scale, config.mask());
        queryKeyValue = new Projection(
                scope.at("qkv"),
                config.width(),
                List.of(
                        config.heads() * config.headSize(),
                        config.kvHeads() * config.headSize(),
                        config.kvHeads() * config.headSize()),
                config.biases().queryKeyValue(),
                config.initialDeviation());
        output = new Projection(
                scope.at("output"),
                config.heads() * config.headSize(),
                config.width(),
                config.biases().attentionOutput(),
                config.residualDeviation());
    }

    /// What attention reads from `x` (normalised), not yet projected back: `[tokens, heads·headSize]`.
    private Var mix(Forward forward, int layer, Var x) {
        Pass pass = forward.pass();
        Var qkv = queryKeyValue.apply(pass, x);
        if (forward.rotary() != null) {
            Rotary.apply(
                    pass,
                    qkv,
                    forward.rotary(),
                    forward.batch().positions(),
                    config.heads(),
                    config.kvHeads(),
                    config.headSize());
        }
        if (forward.caches().length > 0) {
            CachedKeyValues cached = CachedKeyValues.append(
                    forward.caches(), layer, qkv.value(), spec, forward.batch().sequences());
            return Attention.apply(pass, qkv, spec, forward.batch().sequences(), cached);
        }
        if (forward.explicitMask() != null) {
            return NaiveAttention.apply(pass, qkv, spec, forward.batch().sequences(), forward.explicitMask());
        }
        return Attention.apply(pass, qkv, spec, forward.batch().sequences(), null);
    }

    /// `residual + A(x)`.
    Var addTo(Forward forward, int layer, Var residual, Var x) {
        Var mixed = mix(forward, layer, x);
        return output.addTo(forward.pass(), residual, mixed, config.dropout().residual());
    }

    /// `A(x)`.
    Var apply(Forward forward, int layer, Var x) {
        return output.apply(forward.pass(), mix(forward, layer, x));
    }
}
