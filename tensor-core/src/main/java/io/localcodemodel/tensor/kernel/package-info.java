/// Arithmetic over spans of floats, in a defining and a vectorised implementation, and the workers that share it.
@NullMarked
package io.localcodemodel.tensor.kernel;

import org.jspecify.annotations.NullMarked;
