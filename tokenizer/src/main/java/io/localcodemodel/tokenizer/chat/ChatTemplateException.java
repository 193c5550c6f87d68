package io.localcodemodel.tokenizer.chat;

import java.io.Serial;

/// A chat template cannot be read or cannot be rendered, or it refuses the conversation itself.
///
/// The message names the line of the template, what was expected there and what was found. It is the only exception that
/// a damaged or hostile template leads to.
public final class ChatTemplateException extends IllegalArgumentException {

    @Serial
    private static final long serialVersionUID = 1L;

    private final int line;

    ChatTemplateException(int line, String problem) {
        super("chat template, line " + line + ": " + problem);
        this.line = line;
    }

    /// Returns the line of the template, counted from 1.
    public int line() {
        return line;
    }
}
