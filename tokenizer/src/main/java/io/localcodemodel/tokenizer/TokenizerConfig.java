package io.localcodemodel.tokenizer;

import io.localcodemodel.tokenizer.chat.ChatTemplate;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a model folder says about its tokenizer beside `tokenizer.json`: what the special tokens are for, whether texts are
/// framed, and how conversations are written down (`tokenizer_config.json`, `special_tokens_map.json`,
/// `chat_template.jinja`).
///
/// @param roles how the tokens with a role are written
/// @param addBegin whether a begin-of-text token is put before a text (`add_bos_token`), if the files say
/// @param addEnd whether an end-of-text token is put after a text (`add_eos_token`), if the files say
/// @param chatTemplates the templates by name; the one for conversations is called `default`
/// @param infilling whether the model was trained to fill gaps, if the files say; a key of this library (`infilling`),
///     since a vocabulary may have the marks of a gap while its model has never seen one
/// @param further the other keys of `tokenizer_config.json`, which are kept when it is written
public record TokenizerConfig(
        Map<SpecialRole, String> roles,
        Optional<Boolean> addBegin,
        Optional<Boolean> addEnd,
        Map<String, String> chatTemplates,
        Optional<Boolean> infilling,
        Map<String, @Nullable Object> further) {

    /// Says nothing.
    public static final TokenizerConfig EMPTY =
            new TokenizerConfig(Map.of(), Optional.empty(), Optional.empty(), Map.of(), Optional.empty(), Map.of());

    /// The name of the template for conversations.
    public static final String DEFAULT_TEMPLATE = "default";
    /// The name of the template for conversations with tools, where there is one of its own.
    public static final String TOOL_TEMPLATE = "tool_use";

    /// Copies the maps.
    public TokenizerConfig {
        Map<SpecialRole, String> copy = new EnumMap<>(SpecialRole.class);
        copy.putAll(roles);
        roles = Collections.unmodifiableMap(copy);
        chatTemplates = Collections.unmodifiableMap(new LinkedHashMap<>(chatTemplates));
        further = Collections.unmodifiableMap(new LinkedHashMap<>(further));
    }

    /// Returns the same with another template for conversations.
    public TokenizerConfig withChatTemplate(String source) {
        Map<String, String> templates = new LinkedHashMap<>(chatTemplates);
        templates.put(DEFAULT_TEMPLATE, source);
        return new TokenizerConfig(roles, addBegin, addEnd, templates, infilling, further);
    }

    /// Returns the same with what is known about the model: whether it was trained to fill gaps.
    public TokenizerConfig withInfilling(boolean trained) {
        return new TokenizerConfig(roles, addBegin, addEnd, chatTemplates, Optional.of(trained), further);
    }

    /// Returns the template for conversations, or the one for conversations with tools where that is wanted and there is one.
    ///
    /// @throws io.localcodemodel.tokenizer.chat.ChatTemplateException if the template cannot be read
    public Optional<ChatTemplate> chatTemplate(boolean withTools) {
        String source = chatTemplates.get(withTools ? TOOL_TEMPLATE : DEFAULT_TEMPLATE);
        if (source == null) {
            source = chatTemplates.get(DEFAULT_TEMPLATE);
        }
        if (source == null && chatTemplates.size() == 1) {
            source = chatTemplates.values().iterator().next();
        }
        return Optional.ofNullable(source).map(ChatTemplate::of);
    }
}
