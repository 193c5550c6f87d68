package io.localcodemodel.training;

import io.localcodemodel.model.Parameter;
import io.localcodemodel.tensor.Compute;
import io.localcodemodel.tensor.MasterWeights;
import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tensor.Var;
import io.localcodemodel.tensor.kernel.Kernels;
import io.localcodemodel.tensor.kernel.Scratch;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The momentum of [Muon] and its step. Each matrix is one block of work, computed by one worker from start to end.
final class MuonState implements Optimizer.State {
    private static final int UPDATE = Scratch.FIRST_FREE;

    private final Muon recipe;
    private final List<Matrix> matrices = new ArrayList<>();
    private final Map<String, Tensor> momenta = new LinkedHashMap<>();
    private final AdamWState rest;
    private final List<Parameter> hidden;
    private long steps;

    // What the blocks of the running step read; fields, so that a step makes no garbage.
    private Kernels kernels = Kernels.reference();
    private float rate;
    private float gradientScale;

    /// Rows of a parameter that form a matrix of their own.
    ///
    /// @param start the first element of those rows in the parameter
    private record Matrix(Parameter parameter, Tensor momentum, int start, int rows, int columns) {
        int size() {
            return rows * columns;
        }
    }

    MuonState(Muon recipe, List<Parameter> parameters) {
        this.recipe = recipe;
        this.hidden = parameters.stream()
                .filter(parameter -> parameter.role() == Parameter.Role.HIDDEN)
                .toList();
        this.rest = new AdamWState(
                recipe.rest(),
                parameters.stream()
                        .filter(parameter -> parameter.role() != Parameter.Role.HIDDEN)
                        .toList());
        for (Parameter parameter : hidden) {
            Tensor momentum = Tensor.zeros(parameter.shape());
            momenta.put("muon.momentum." + parameter.name(), momentum);
            int columns = parameter.shape().columns();
            int start = 0;
            for (int rows : parameter.rowGroups()) {
                matrices.add(new Matrix(parameter, momentum, start, rows, columns));
                start += rows * columns;
            }
        }
        // The longest first, so that no worker begins one when the others are done.
        matrices.sort(Comparator.comparingLong(MuonState::work).reversed());
    }

    private static long work(Matrix matrix) {
        return (long) matrix.size() * Math.min(matrix.rows, matrix.columns);
    }

    @Override
    public void step(Compute compute, float rate, float gradientScale) {
        steps++;
        this.kernels = compute.kernels();
        this.rate = rate * recipe.rateFactor();
        this.gradientScale = gradientScale;
        boolean[] split = join(compute);
        compute.workers().run(matrices.size(), this::update);
        for (int i = 0; i < hidden.size(); i++) {
            Var variable = hidden.get(i).variable();
            if (split[i]) {
                MasterWeights.split(compute, variable);
            }
            if (variable.gradient() != null) {
                variable.changed();
            }
        }
        rest.step(compute, rate, gradientScale);
    }

    /// Joins weights that are split, and tells which were: a step works on whole matrices.
    private boolean[] join(Compute compute) {
        boolean[] split = new boolean[hidden.size()];
        for (int i = 0; i < split.length; i++) {
            split[i] = hidden.get(i).variable().isSplit();
            MasterWeights.join(compute, hidden.get(i).variable());
        }
        return split;
    }

    private void update(int index, Scratch scratch) {
        Matrix matrix = matrices.get(index);
        Tensor gradient = matrix.parameter.variable().gradient();
        if (gradient == null) {
            return;
        }
        int size = matrix.size();
        float[] g = gradient.array();
        int gStart = gradient.offset() + matrix.start;
        float[] b = matrix.momentum.array();
        int bStart = matrix.momentum.offset() + matrix.start;
        float fresh = (1 - recipe.momentum()) * gradientScale;
        kernels.scale(recipe.momentum(), b, bStart, size);
        kernels.axpy(fresh, g, gStart, b, bStart, size);

        float[] u = scratch.floats(UPDATE, size);
        System.arraycopy(b, bStart, u, 0, size);
        if (recipe.nesterov()) {
            kernels.scale(recipe.momentum(), u, 0, size);
            kernels.axpy(fresh, g, gStart, u, 0, size);
        }

        float[] o =
                NewtonSchulz.orthogonalise(kernels, scratch, UPDATE, matrix.rows, matrix.columns, recipe.iterations());
        Tensor value = matrix.parameter.variable().value();
        int wStart = value.offset() + matrix.start;
        float k = recipe.scale().of(matrix.rows, matrix.columns);
        kernels.scale(1 - rate * recipe.weightDecay(), value.array(), wStart, size);
        kernels.axpy(-rate * k, o, 0, value.array(), wStart, size);
    }

    @Override
    public long steps() {
        return steps;
    }

    @Override
    public Map<String, Tensor> tensors() {
        Map<String, Tensor> tensors = new LinkedHashMap<>(momenta);
        tensors.putAll(rest.tensors());
        return tensors;
    }

    @Override
    public void resume(long steps) {
        this.steps = steps;
        rest.resume(steps);
    }
}
