package io.localcodemodel.tokenizer.chat;

import java.time.LocalDateTime;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a template is told besides the conversation. A value; the `with` methods return changed copies.
///
/// ```java
/// ChatOptions options = ChatOptions.DEFAULTS.withVariable("enable_thinking", false);
/// ```
///
/// @param generationPrompt whether the prompt ends with the beginning of the model's turn (`add_generation_prompt`)
/// @param tools the tools that the model may call, JSON values as the template's authors describe them
/// @param variables further variables of the template, JSON values; they count as the template's own text
/// @param time what `strftime_now` shows; the time of rendering if empty
public record ChatOptions(
        boolean generationPrompt,
        List<Map<String, @Nullable Object>> tools,
        Map<String, @Nullable Object> variables,
        Optional<LocalDateTime> time) {

    /// The model is to answer; no tools, no further variables.
    public static final ChatOptions DEFAULTS = new ChatOptions(true, List.of(), Map.of(), Optional.empty());

    /// Copies list and map.
    public ChatOptions {
        tools = List.copyOf(tools);
        variables = Collections.unmodifiableMap(new LinkedHashMap<>(variables));
    }

    /// Whether the prompt is to end with the beginning of the model's turn; without it, a conversation is written down
    /// as for training.
    public ChatOptions withGenerationPrompt(boolean wanted) {
        return new ChatOptions(wanted, tools, variables, time);
    }

    /// The tools that the model may call, most often maps of the form
    /// `{"type": "function", "function": {"name": …, "description": …, "parameters": {…}}}`.
    public ChatOptions withTools(List<Map<String, @Nullable Object>> all) {
        return new ChatOptions(generationPrompt, all, variables, time);
    }

    /// One more variable of the template, as `enable_thinking`.
    public ChatOptions withVariable(String name, @Nullable Object value) {
        Map<String, @Nullable Object> more = new LinkedHashMap<>(variables);
        more.put(name, value);
        return new ChatOptions(generationPrompt, tools, more, time);
    }

    /// The time that `strftime_now` shows, so that a prompt can be made again.
    public ChatOptions withTime(LocalDateTime now) {
        return new ChatOptions(generationPrompt, tools, variables, Optional.of(now));
    }
}
