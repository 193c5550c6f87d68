/// What other programs call the parts of a model: one class for each family of published models.
@NullMarked
package io.localcodemodel.model.family;

import org.jspecify.annotations.NullMarked;
