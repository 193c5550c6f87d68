/// Tensors, automatic differentiation and the kernels they run on.
@NullMarked
package io.localcodemodel.tensor;

import org.jspecify.annotations.NullMarked;
