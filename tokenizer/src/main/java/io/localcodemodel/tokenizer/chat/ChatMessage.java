package io.localcodemodel.tokenizer.chat;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// One turn of a conversation.
///
/// @param role who speaks: most templates know `system`, `user`, `assistant` and `tool`
/// @param content what is said
/// @param fields what else a template may look at, as `tool_calls` or `reasoning_content`: JSON values, that is strings,
///     numbers, booleans, null, lists and maps of these
public record ChatMessage(String role, String content, Map<String, @Nullable Object> fields) {

    private static final Pattern PLAIN_WORD = Pattern.compile("[A-Za-z0-9_-]+");

    /// Copies the map.
    public ChatMessage {
        fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    }

    /// A turn without further fields.
    public ChatMessage(String role, String content) {
        this(role, content, Map.of());
    }

    /// What the model is told about its task.
    public static ChatMessage system(String content) {
        return new ChatMessage("system", content);
    }

    /// What the user says.
    public static ChatMessage user(String content) {
        return new ChatMessage("user", content);
    }

    /// What the model said.
    public static ChatMessage assistant(String content) {
        return new ChatMessage("assistant", content);
    }

    /// What a tool answered.
    public static ChatMessage tool(String content) {
        return new ChatMessage("tool", content);
    }

    /// The same turn with tools that the model called: maps of the form
    /// `{"type": "function", "function": {"name": …, "arguments": {…}}}`.
    public ChatMessage withToolCalls(List<Map<String, @Nullable Object>> calls) {
        return with("tool_calls", calls);
    }

    /// The same turn with another field.
    public ChatMessage with(String field, @Nullable Object value) {
        Map<String, @Nullable Object> more = new LinkedHashMap<>(fields);
        more.put(field, value);
        return new ChatMessage(role, content, more);
    }

    /// The turn as templates see it. A role that is a plain word counts as the template's own, so that a template may
    /// make a special token of it, as `'<|' + m.role + '|>'`; all else belongs to the conversation.
    Map<String, @Nullable Object> variables() {
        Map<String, @Nullable Object> all = new LinkedHashMap<>();
        all.put("role", role);
        all.put("content", content);
        all.putAll(fields);
        if (all.get("role") instanceof String word && PLAIN_WORD.matcher(word).matches()) {
            all.put("role", MarkedText.plain(word));
        }
        return all;
    }
}
