package io.localcodemodel.inference;

/// Why a completion ended.
///
/// ```java
/// switch (completion.finish()) {
///     case FinishReason.EndOfText end -> accept();
///     case FinishReason.StopString stop -> acceptUpTo(stop.text());
///     case FinishReason.Length length -> offerMore();
///     case FinishReason.ContextFull full -> shortenPrompt();
///     case FinishReason.Deadline deadline -> useWhatThereIs();
///     case FinishReason.Cancelled cancelled -> forget();
/// }
/// ```
public sealed interface FinishReason {
    /// The model said that the text ends here.
    ///
    /// @param token the id of the end token, which is not part of the completion
    record EndOfText(int token) implements FinishReason {}

    /// A stop string came up.
    ///
    /// @param text which one; it is not part of the completion's text
    record StopString(String text) implements FinishReason {}

    /// The maximum number of new tokens was reached.
    record Length() implements FinishReason {}

    /// The model's context is full and [ContextPolicy] does not let it slide.
    record ContextFull() implements FinishReason {}

    /// The time was up.
    record Deadline() implements FinishReason {}

    /// The generation was cancelled or closed, its thread interrupted, or its model closed.
    record Cancelled() implements FinishReason {}

    /// The reason in the words of `finish_reason` fields: `end_of_text`, `stop_string`, `length`, `context_full`,
    /// `deadline` or `cancelled`.
    default String label() {
        return switch (this) {
            case EndOfText(int _) -> "end_of_text";
            case StopString(String _) -> "stop_string";
            case Length() -> "length";
            case ContextFull() -> "context_full";
            case Deadline() -> "deadline";
            case Cancelled() -> "cancelled";
        };
    }
}
