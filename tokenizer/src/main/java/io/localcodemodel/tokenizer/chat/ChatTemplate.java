package io.localcodemodel.tokenizer.chat;

import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// How a model expects a conversation to be written down: the `chat_template` of its repository.
///
/// ```java
/// ChatTemplate template = ChatTemplate.of("{% for m in messages %}<|{{ m.role }}|>\n{{ m.content }}\n{% endfor %}");
/// String prompt = template.render(List.of(ChatMessage.user("Write a loop.")), ChatOptions.DEFAULTS).text();
/// ```
///
/// Templates are written in the language of [Jinja](https://jinja.palletsprojects.com), with the settings and the
/// additions of the Hugging Face library: `trim_blocks` and `lstrip_blocks` are on, there are `break` and `continue`,
/// `tojson` writes plain JSON, `raise_exception` refuses a conversation and `strftime_now` shows the date. Of the
/// language there is what templates of models use: `if`, `for`, `set`, `macro` and `raw`, all operators, and the filters,
/// tests and methods for text, numbers and lists. What is missing, as `include`, is refused when the template is read.
///
/// A template is a program that came with a model. It sees nothing but its variables, and a rendering that takes more
/// steps, text or depth than a conversation can need ends with an exception.
///
/// Immutable; any number of threads may render at a time.
public final class ChatTemplate {

    private static final int LARGEST_SOURCE = 1 << 20;

    private final String source;
    private final List<Statement> statements;
    private final Map<String, String> specialTokens;

    private ChatTemplate(String source, List<Statement> statements, Map<String, String> specialTokens) {
        this.source = source;
        this.statements = statements;
        this.specialTokens = specialTokens;
    }

    /// Reads a template.
    ///
    /// @throws ChatTemplateException if it cannot be read
    public static ChatTemplate of(String source) {
        if (source.length() > LARGEST_SOURCE) {
            throw new ChatTemplateException(
                    1, "expected at most " + LARGEST_SOURCE + " characters, found " + source.length());
        }
        try {
            return new ChatTemplate(source, TemplateParser.parse(source), Map.of());
        } catch (StackOverflowError e) {
            throw new ChatTemplateException(1, "it is nested too deeply for the stack of this thread");
        }
    }

    /// Returns the same template with special tokens that it may write, by the names `bos_token`, `eos_token`, `pad_token`
    /// and `unk_token`.
    public ChatTemplate withSpecialTokens(Map<String, String> byName) {
        return new ChatTemplate(source, statements, Map.copyOf(byName));
    }

    /// Returns the template as it was written.
    public String source() {
        return source;
    }

    /// Writes a conversation down.
    ///
    /// @throws ChatTemplateException if the template refuses the conversation, fails, or takes too long
    /// @throws IllegalArgumentException if a field, tool or variable is no JSON value
    public ChatPrompt render(List<ChatMessage> messages, ChatOptions options) {
        Limits limits = new Limits();
        Scope globals = new Scope(null);
        new Functions(limits, options.time().orElseGet(LocalDateTime::now)).define(globals);
        Scope scope = new Scope(globals);
        specialTokens.forEach((name, token) -> scope.set(name, MarkedText.plain(token)));
        scope.set("messages", conversation(messages));
        scope.set("add_generation_prompt", options.generationPrompt());
        Object tools = options.tools().isEmpty() ? null : Values.of(options.tools(), true, "tools");
        scope.set("tools", tools);
        scope.set("documents", null);
        for (Map.Entry<String, @Nullable Object> variable : options.variables().entrySet()) {
            scope.set(variable.getKey(), Values.of(variable.getValue(), false, "the variable " + variable.getKey()));
        }
        try {
            MarkedText text = new Renderer(limits).render(statements, scope);
            return new ChatPrompt(text.text(), text.spans());
        } catch (StackOverflowError e) {
            throw limits.refuse("it is nested too deeply for the stack of this thread");
        }
    }

    private static List<@Nullable Object> conversation(List<ChatMessage> messages) {
        List<@Nullable Object> turns = new ArrayList<>();
        for (int i = 0; i < messages.size(); i++) {
            turns.add(Values.of(new LinkedHashMap<>(messages.get(i).variables()), true, "message " + i));
        }
        return turns;
    }

    @Override
    public String toString() {
        return "ChatTemplate[" + source.length() + " characters]";
    }
}
