/// Reading and writing of the JSON that models come with.
@NullMarked
package io.localcodemodel.model.json;

import org.jspecify.annotations.NullMarked;
