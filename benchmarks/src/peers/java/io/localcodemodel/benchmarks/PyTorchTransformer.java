package io.localcodemodel.benchmarks;

import io.localcodemodel.model.Parameter;
import io.localcodemodel.model.Transformer;
import io.localcodemodel.model.TransformerConfig;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/// The same decoder written for PyTorch the way its users would: fused projections, its own fused attention, its own
/// norms and losses.
final class PyTorchTransformer {
    private final TransformerConfig config;
    private final boolean llama;
    private final Map<String, Tensor> parameters = new LinkedHashMap<>();
    private final long batch;
    private final long window;
    private final Tensor positions;
    private final Tensor cos;
    private final Tensor sin;

    /// Takes the initial weights of `model`.
    PyTorchTransformer(Transformer model, int batch, int window) {
        this.config = model.config();
        this.llama = config.gated();
        this.batch = batch;
        this.window = window;
        for (Parameter parameter : model.parameters()) {
            int[] dimensions = parameter.shape().dimensions();
            long[] shape = new long[dimensions.length];
            for (int i = 0; i < shape.length; i++) {
                shape[i] = dimensions[i];
            }
            Tensor tensor = copy(parameter.variable().value().toArray(), shape);
            parameters.put(parameter.name(), tensor.set_requires_grad(true));
        }
        positions = torch.arange(new Scalar(window)).to(torch.ScalarType.Long);
        int half = config.headSize() / 2;
        float[] cosines = new float[window * 2 * half];
        float[] sines = new float[window * 2 * half];
        for (int t = 0; t < window; t++) {
            for (int i = 0; i < 2 * half; i++) {
                double angle = t * Math.pow(10000, -(double) (i % half) / half);
                cosines[t * 2 * half + i] = (float) Math.cos(angle);
                sines[t * 2 * half + i] = (float) Math.sin(angle);
            }
        }
        cos = copy(cosines, window, 2L * half);
        sin = copy(sines, window, 2L * half);
    }

    private static Tensor copy(float[] values, long... shape) {
        try (FloatPointer pointer = new FloatPointer(values)) {
            return torch.from_blob(pointer, shape).clone();
        }
    }

    TensorVector parameters() {
        return new TensorVector(parameters.values().toArray(Tensor[]::new));
    }

    private Tensor weight(String name) {
        return Objects.requireNonNull(parameters.get(name), name);
    }

    private TensorOptional optional(String name) {
        Tensor tensor = parameters.get(name);
        return tensor == null ? new TensorOptional() : new TensorOptional(tensor);
    }

    /// The mean cross-entropy of a batch; `ids` and `targets` are `[batch, window]`.
    Tensor loss(Tensor ids, Tensor targets) {
        Tensor table = weight("embedding.weight");
        Tensor x = torch.embedding(table, ids);
        if (!llama) {
            x = x.add(torch.embedding(weight("position.weight"), positions));
        }
        for (int layer = 0; layer < config.layers(); layer++) {
            String name = "layers." + layer + ".";
            x = x.add(attention(name + "attention.", norm(name + "attention_norm", x)));
            x = x.add(feedForward(name + "feed_forward.", norm(name + "feed_forward_norm", x)));
        }
        Tensor logits = torch.linear(norm("norm", x), table).view(batch * window, config.vocabularySize());
        return torch.cross_entropy_loss(logits, targets.view(batch * window));
    }

    private Tensor norm(String name, Tensor x) {
        long[] shape = {config.width()};
        return llama
                ? torch.rms_norm(x, shape, optional(name + ".weight"), new DoubleOptional(1e-5))
                : torch.layer_norm(x, shape, optional(name + ".weight"), optional(name + ".bias"), 1e-5, true);
    }

    private Tensor linear(String name, Tensor x) {
        return torch.linear(x, weight(name + ".weight"), optional(name + ".bias"));
    }

    private Tensor attention(String name, Tensor x) {
        TensorVector qkv = linear(name + "qkv", x).split(config.width(), 2);
        Tensor q = heads(qkv.get(0));
        Tensor k = heads(qkv.get(1));
        Tensor v = heads(qkv.get(2));
        if (llama) {
            q = rotate(q);
            k = rotate(k);
        }
        Tensor mixed =
                torch.scaled_dot_product_attention(q, k, v, new TensorOptional(), 0, true, new DoubleOptional(), false);
        return linear(name + "output", mixed.transpose(1, 2).reshape(batch, window, config.width()));
    }

    private Tensor heads(Tensor x) {
        return x.view(batch, window, config.heads(), config.headSize()).transpose(1, 2);
    }

    private Tensor rotate(Tensor x) {
        long half = config.headSize() / 2;
        Tensor turned = torch.cat(new TensorVector(x.narrow(3, half, half).neg(), x.narrow(3, 0, half)), -1);
        return x.mul(cos).add(turned.mul(sin));
    }

    private Tensor feedForward(String name, Tensor x) {
        Tensor inner = linear(name + "input", x);
        if (llama) {
            TensorVector gateUp = inner.split(config.feedForwardWidth(), 2);
            inner = torch.silu(gateUp.get(0)).mul(gateUp.get(1));
        } else {
            inner = torch.gelu(inner, "tanh");
        }
        return linear(name + "output", inner);
    }
}
