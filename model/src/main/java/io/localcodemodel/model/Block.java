package io.localcodemodel.model;

import io.localcodemodel.tensor.Pass;
import io.localcodemodel.tensor.Var;
import io.localcodemodel.tensor.op.Add;
import io.localcodemodel.tensor.op.Dropout;

/// One layer of the model: attention and a feed-forward part, each adding to the residual stream.
final class Block {
    private final TransformerConfig config;
    private final int layer;
    private final Norm attentionNorm;
    private final SelfAttention attention;
    private final Norm feedForwardNorm;
    private final FeedForward feedForward;

    Block(ParamScope scope, TransformerConfig config, int layer) {
        this.config = config;
        this.layer = layer;
        attentionNorm = new Norm(scope.at("attention_norm"), config);
        attention = new SelfAttention(scope.at("attention"), config);
        feedForwardNorm = config.blockLayout() == BlockLayout.PARALLEL_SHARED_NORM
                ? attentionNorm
                : new Norm(scope.at("feed_forward_norm"), config);
        feedForward = new FeedForward(scope.at("feed_forward"), config);
    }

    Var apply(Forward forward, Var x) {
        Pass pass = forward.pass();
        return switch (config.blockLayout()) {
            case PRE_NORM -> {
                // Apart, so that what is kept of the first half is not in the way of the second.
                Var a = pass.scoped(() -> attention.addTo(forward, layer, x, attentionNorm.apply(pass, x)));
                yield pass.scoped(() -> feedForward.addTo(pass, a, feedForwardNorm.apply(pass, a)));
            }
            case PARALLEL -> {
                Var a = attention.addTo(forward, layer, x, attentionNorm.apply(pass, x));
                yield feedForward.addTo(pass, a, feedForwardNorm.apply(pass, x));
            }
            case PARALLEL_SHARED_NORM -> {
                Var normed = attentionNorm.apply(pass, x);
                yield feedForward.addTo(pass, attention.addTo(forward, layer, x, normed), normed);
            }
            case POST_SUBLAYER_NORM -> {
                Var a = add(pass, x, attentionNorm.apply(pass, attention.apply(forward, layer, x)));
                yield add(pass, a, feedForwardNorm.apply(pass, feedForward.apply(pass, a)));
            }
        };
    }

    private Var add(Pass pass, Var residual, Var part) {
        return Add.apply(
                pass, residual, Dropout.apply(pass, part, config.dropout().residual()));
    }
}
