package io.localcodemodel.model.family;

import io.localcodemodel.tensor.kernel.Activation;

/// The names that `config.json` files have for activations.
final class ActivationNames {
    private ActivationNames() {}

    static Activation read(ConfigFields fields, String key, String otherwise) {
        String name = fields.text(key, otherwise);
        return switch (name) {
            case "linear" -> Activation.IDENTITY;
            case "relu" -> Activation.RELU;
            case "relu2" -> Activation.RELU_SQUARED;
            case "gelu", "gelu_python" -> Activation.GELU_ERF;
            case "gelu_new", "gelu_pytorch_tanh", "gelu_fast" -> Activation.GELU_TANH;
            case "silu", "swish" -> Activation.SILU;
            case "sigmoid" -> Activation.SIGMOID;
            case "tanh" -> Activation.TANH;
            default -> {
                fields.problem(
                        key,
                        "expected one of linear, relu, relu2, gelu, gelu_new, gelu_pytorch_tanh, gelu_fast,"
                                + " silu, sigmoid, tanh; found '" + name + "'");
                yield Activation.IDENTITY;
            }
        };
    }

    static String name(Activation activation) {
        return switch (activation) {
            case IDENTITY -> "linear";
            case RELU -> "relu";
            case RELU_SQUARED -> "relu2";
            case GELU_ERF -> "gelu";
            case GELU_TANH -> "gelu_pytorch_tanh";
            case SILU -> "silu";
            case SIGMOID -> "sigmoid";
            case TANH -> "tanh";
        };
    }
}
