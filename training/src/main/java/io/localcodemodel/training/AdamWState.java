package io.localcodemodel.training;

import io.localcodemodel.model.Parameter;
import io.localcodemodel.tensor.Compute;
import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tensor.Var;
import io.localcodemodel.tensor.kernel.AdamWStep;
import io.localcodemodel.tensor.kernel.Kernels;
import io.localcodemodel.tensor.kernel.Scratch;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The moments of [AdamW] and its step, cut into blocks that the workers share.
final class AdamWState implements Optimizer.State {
    private final AdamW recipe;
    private final List<Parameter> parameters;
    private final ParameterBlocks blocks;
    private final Tensor[] first;
    private final Tensor[] second;
    private long steps;

    // What the blocks of the running step read; fields, so that a step makes no garbage.
    private Kernels kernels = Kernels.reference();
    private AdamWStep decaying;
    private AdamWStep plain;

    AdamWState(AdamW recipe, List<Parameter> parameters) {
        this.recipe = recipe;
        this.decaying = step(0, 0, recipe.weightDecay());
        this.plain = step(0, 0, 0);
        this.parameters = List.copyOf(parameters);
        this.blocks = new ParameterBlocks(parameters);
        this.first = new Tensor[parameters.size()];
        this.second = new Tensor[parameters.size()];
        for (int i = 0; i < first.length; i++) {
            first[i] = Tensor.zeros(parameters.get(i).shape());
            second[i] = Tensor.zeros(parameters.get(i).shape());
        }
    }

    @Override
    public void step(Compute compute, float rate, float gradientScale) {
        steps++;
        this.kernels = compute.kernels();
        this.decaying = step(rate, gradientScale, recipe.weightDecay());
        this.plain = step(rate, gradientScale, 0);
        compute.workers().run(blocks.count(), this::update);
        for (int i = 0; i < parameters.size(); i++) {
            Var variable = parameters.get(i).variable();
            if (variable.gradient() != null) {
                variable.changed();
            }
        }
    }

    private AdamWStep step(float rate, float gradientScale, float decay) {
        return new AdamWStep(
                rate,
                recipe.beta1(),
                recipe.beta2(),
                recipe.epsilon(),
                decay,
                (float) (1 - StrictMath.pow(recipe.beta1(), (double) steps)),
                (float) (1 - StrictMath.pow(recipe.beta2(), (double) steps)),
                gradientScale);
    }

    private void update(int block, Scratch scratch) {
        Parameter parameter = blocks.parameter(block);
        Tensor gradient = parameter.variable().gradient();
        if (gradient == null) {
            return;
        }
        AdamWStep step = parameter.decays() ? decaying : plain;
        Tensor m = first[blocks.owner(block)];
        Tensor v = second[blocks.owner(block)];
        int start = blocks.start(block);
        int end = start + blocks.length(block);
        if (parameter.variable().isSplit()) {
            // The words of the block, half of it at either side of the middle.
            Tensor words = parameter.variable().words();
            int from = start / 2;
            kernels.bfloat()
                    .adamW(
                            words.array(),
                            words.offset() + from,
                            gradient.array(),
                            gradient.offset() + from,
                            m.array(),
                            m.offset() + from,
                            v.array(),
                            v.offset() + from,
                            words.size() / 2,
                            end / 2 - from,
                            step);
        } else {
            Tensor value = parameter.variable().value();
            kernels.adamW(
                    value.array(),
                    value.offset() + start,
                    gradient.array(),
                    gradient.offset() + start,
                    m.array(),
                    m.offset() + start,
                    v.array(),
                    v.offset() + start,
                    end - start,
                    step);
        }
    }

    @Override
    public long steps() {
        return steps;
    }

    @Override
    public Map<String, Tensor> tensors() {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (int i = 0; i < first.length; i++) {
            tensors.put("adamw.first." + parameters.get(i).name(), first[i]);
            tensors.put("adamw.second." + parameters.get(i).name(), second[i]);
        }
        return tensors;
    }

    @Override
    public void resume(long steps) {
        this.steps = steps;
    }
}
