/// Chat templates: how a conversation is written down for a model.
@NullMarked
package io.localcodemodel.tokenizer.chat;

import org.jspecify.annotations.NullMarked;
