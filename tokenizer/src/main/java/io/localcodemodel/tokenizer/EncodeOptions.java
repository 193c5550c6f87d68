package io.localcodemodel.tokenizer;

/// What the text that is encoded is: plain data, or a prompt written with special tokens.
///
/// @param parseSpecialTokens whether a special token spelled in the text, as `<|endoftext|>`, becomes that token;
///     otherwise it is text like any other. The marks of gaps count as special even where a file does not call them so
/// @param frame whether the post-processor adds the special tokens it puts around a text, as a begin-of-text token
public record EncodeOptions(boolean parseSpecialTokens, boolean frame) {

    /// Text is only text: nothing in it is special and nothing is added. The default, since text that comes from
    /// elsewhere must not be able to end a document or open a turn.
    public static final EncodeOptions TEXT = new EncodeOptions(false, false);

    /// Special tokens spelled in the text are special; nothing is added. For prompts made by a template.
    public static final EncodeOptions MARKUP = new EncodeOptions(true, false);

    /// Special tokens spelled in the text are special, and the text is framed, as the Hugging Face library does.
    public static final EncodeOptions PROMPT = new EncodeOptions(true, true);
}
