/// Tokenizers: from text to numbers and back.
@NullMarked
package io.localcodemodel.tokenizer;

import org.jspecify.annotations.NullMarked;
