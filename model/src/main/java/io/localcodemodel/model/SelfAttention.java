package io.localcodemodel.model;

import io.localcodemodel.tensor.Pass;
import io.localcodemodel.tensor.Shape;
import io.localcodemodel.tensor.Var;
import io.localcodemodel.tensor.op.Attention;
import io.localcodemodel.tensor.op.AttentionSpec;
import io.localcodemodel.tensor.op.HeadNorm;
import io.localcodemodel.tensor.op.NaiveAttention;
import io.localcodemodel.tensor.op.Rotary;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Tokens reading from the tokens before them: one fused projection to queries, keys and values, rotation where the
/// config has it, attention, and the projection back.
final class SelfAttention {
    private final TransformerConfig config;
    private final AttentionSpec spec;
    private final Projection queryKeyValue;
    private final @Nullable Var queryNorm;
    private final @Nullable Var keyNorm;
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
        queryNorm = headNorm(scope.at("query_norm"), config, config.heads());
        keyNorm = headNorm(scope.at("key_norm"), config, config.kvHeads());
        output = new Projection(
                scope.at("output"),
                config.heads() * config.headSize(),
                config.width(),
                config.biases().attentionOutput(),
                config.residualDeviation());
    }

    private static @Nullable Var headNorm(ParamScope scope, TransformerConfig config, int heads) {
        if (!(config.norm() instanceof NormKind.Rms(float _, float weightShift))) {
            return null;
        }
        Initial initial = (values, seed) -> values.fill(1 - weightShift);
        return switch (config.queryKeyNorm()) {
            case NONE -> null;
            case PER_HEAD -> scope.parameter("weight", Shape.of(config.headSize()), initial);
            case WHOLE -> scope.parameter("weight", Shape.of(heads * config.headSize()), initial);
        };
    }

    private Var normalised(Pass pass, Var qkv) {
        if (queryNorm == null
                || keyNorm == null
                || !(config.norm() instanceof NormKind.Rms(float epsilon, float weightShift))) {
            return qkv;
        }
        return HeadNorm.apply(
                pass,
                qkv,
                queryNorm,
                keyNorm,
                config.heads(),
                config.kvHeads(),
                config.headSize(),
                epsilon,
                weightShift);
    }

    /// What attention reads from `x` (normalised), not yet projected back: `[tokens, heads·headSize]`.
    private Var mix(Forward forward, int layer, Var x) {
        Pass pass = forward.pass();
        Var qkv = normalised(pass, queryKeyValue.apply(pass, x));
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
