/// The differentiable operations, one class each, forward beside backward.
@NullMarked
package io.localcodemodel.tensor.op;

import org.jspecify.annotations.NullMarked;
