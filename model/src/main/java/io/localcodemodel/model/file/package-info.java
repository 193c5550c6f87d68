/// The files that hold a model's weights.
@NullMarked
package io.localcodemodel.model.file;

import org.jspecify.annotations.NullMarked;
