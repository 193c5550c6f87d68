package io.localcodemodel.training;

import io.localcodemodel.model.Parameter;
import io.localcodemodel.tensor.Compute;
import io.localcodemodel.tensor.Tensor;
import java.util.List;
import java.util.Map;

/// How gradients change parameters: an immutable recipe, whose [State] belongs to one run. A record is best: a checkpoint
/// keeps the recipe's `toString()`, and only a run whose recipe says the same goes on from it.
public interface Optimizer {
    /// Begins a run over the given parameters: no step done, all state zero.
    State start(List<Parameter> parameters);

    /// What an optimiser remembers from step to step, and the step itself.
    interface State {
        /// Changes every parameter that has a gradient, and says [io.localcodemodel.tensor.Var#changed()]. The gradients
        /// stay; [io.localcodemodel.tensor.Var#clearGradient()] begins new ones.
        ///
        /// The result does not depend on the number of workers.
        ///
        /// @param rate the learning rate
        /// @param gradientScale what each gradient is multiplied by first: below 1 where the global norm is clipped
        void step(Compute compute, float rate, float gradientScale);

        /// How many steps were done.
        long steps();

        /// The tensors a checkpoint has to keep, by name; their contents may be overwritten to restore it.
        Map<String, Tensor> tensors();

        /// Goes on from a checkpoint whose tensors were written into [#tensors()].
        void resume(long steps);
    }
}
