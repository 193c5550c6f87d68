/// Weights in fewer bits: the block formats of GGUF files, with a plain codec each.
@NullMarked
package io.localcodemodel.tensor.format;

import org.jspecify.annotations.NullMarked;
