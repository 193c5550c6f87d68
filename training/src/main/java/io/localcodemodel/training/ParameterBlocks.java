package io.localcodemodel.training;

import io.localcodemodel.model.Parameter;
import io.localcodemodel.tensor.Compute;
import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tensor.kernel.Scratch;
import java.util.List;

/// Parameters cut into blocks of fixed length, for elementwise work that several workers share. The cut depends on the
/// parameters alone, so that sums over blocks come out the same for any number of workers.
final class ParameterBlocks {
    /// Memory is faster the longer it is read in order, and nothing is read twice.
    private static final int BLOCK_FLOATS = 1 << 16;

    private final List<Parameter> parameters;
    private final int[] owners;
    private final int[] starts;
    private final double[] partials;
    private Compute compute;

    ParameterBlocks(List<Parameter> parameters) {
        this.parameters = List.copyOf(parameters);
        int count = 0;
        for (Parameter parameter : parameters) {
            count += Math.ceilDiv(parameter.shape().size(), BLOCK_FLOATS);
        }
        owners = new int[count];
        starts = new int[count];
        partials = new double[count];
        compute = Compute.reference();
        int block = 0;
        for (int owner = 0; owner < parameters.size(); owner++) {
            int size = parameters.get(owner).shape().size();
            for (int start = 0; start < size; start += BLOCK_FLOATS) {
                owners[block] = owner;
                starts[block++] = start;
            }
        }
    }

    int count() {
        return owners.length;
    }

    int owner(int block) {
        return owners[block];
    }

    Parameter parameter(int block) {
        return parameters.get(owners[block]);
    }

    int start(int block) {
        return starts[block];
    }

    int length(int block) {
        return Math.min(BLOCK_FLOATS, parameter(block).shape().size() - starts[block]);
    }

    /// The L2 norm of all gradients together; those that are absent count as zero.
    double gradientNorm(Compute by) {
        compute = by;
        by.workers().run(count(), this::sumOfSquares);
        double sum = 0;
        for (double partial : partials) {
            sum += partial;
        }
        return Math.sqrt(sum);
    }

    private void sumOfSquares(int block, Scratch scratch) {
        Tensor gradient = parameter(block).variable().gradient();
        partials[block] = gradient == null
                ? 0
                : compute.kernels().sumOfSquares(gradient.array(), gradient.offset() + start(block), length(block));
    }
}
