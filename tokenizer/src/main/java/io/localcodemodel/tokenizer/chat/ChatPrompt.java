package io.localcodemodel.tokenizer.chat;

import java.util.List;

/// A conversation as a template wrote it down.
///
/// @param text the prompt
/// @param content which parts of it came from the conversation and are text even where they are spelled like special
///     tokens; ascending, not touching
public record ChatPrompt(String text, List<Span> content) {

    /// Copies the list.
    public ChatPrompt {
        content = List.copyOf(content);
    }

    /// A part of a text, in `char`s.
    ///
    /// @param start where it begins
    /// @param end where it ends
    public record Span(int start, int end) {}
}
