/// Transformers: layers, configurations, families and file formats.
@NullMarked
package io.localcodemodel.model;

import org.jspecify.annotations.NullMarked;
