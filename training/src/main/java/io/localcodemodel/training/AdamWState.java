package io.localcodemodel.training;

import io.localcodemodel.model.Parameter;
import io.localcodemodel.tensor.Compute;
import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tensor.Var;
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
    private float rate;
    private float gradientScale;
    private float correction1;
    private float correction2;

    AdamWState(AdamW recipe, List<Parameter> parameters) {
        this.recipe = recipe;
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
        this.rate = rate;
        this.gradientScale = gradientScale;
        this.correction1 = (float) (1 - StrictMath.pow(recipe.beta1(), (double) steps));
        this.correction2 = (float) (1 - StrictMath.pow(recipe.beta2(), (double) steps));
        compute.workers().run(blocks.count(), this::update);
        for (int i = 0; i < parameters.size(); i++) {
            Var variable = parameters.get(i).variable();
            if (variable.gradient() != null) {
                variable.changed();
            }
        }
    }

    private void update(int block, Scratch scratch) {
        Parameter parameter = blocks.parameter(block);
        Tensor gradient = parameter.variable().gradient();
        if (gradient == null) {
            return;
        }
        int start = blocks.start(block);
        int length = blocks.length(block);
        if (!parameter.variable().isSplit()) {
            update(block, parameter.variable().value(), gradient, start, length);
            return;
        }
        // Half of the block at either side of the middle: joined, stepped and split again within the cache.
        Tensor words = parameter.variable().words();
        int half = words.size() / 2;
        int from = start / 2;
        int to = (start + length) / 2;
        int at = words.offset() + from;
        kernels.bfloat().join(words.array(), at, words.array(), at + half, to - from);
        update(block, words, gradient, from, to - from);
        update(block, words, gradient, half + from, to - from);
        kernels.bfloat().split(words.array(), at, words.array(), at + half, to - from);
    }

    private void update(int block, Tensor value, Tensor gradient, int start, int length) {
        Parameter parameter = blocks.parameter(block);
        Tensor m = first[blocks.owner(block)];
        Tensor v = second[blocks.owner(block)];
        kernels.adamW(
                value.array(),
                value.offset() + start,
                gradient.array(),
                gradient.offset() + start,
                m.array(),
                m.offset() + start,
                v.array(),
                v.offset() + start,
                length,
                rate,
                recipe.beta1(),
                recipe.beta2(),
                recipe.epsilon(),
                parameter.decays() ? recipe.weightDecay() : 0,
                correction1,
                correction2,
                gradientScale);
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
