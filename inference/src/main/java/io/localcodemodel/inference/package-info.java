/// Inference: loading and running code models.
@NullMarked
package io.localcodemodel.inference;

import org.jspecify.annotations.NullMarked;
