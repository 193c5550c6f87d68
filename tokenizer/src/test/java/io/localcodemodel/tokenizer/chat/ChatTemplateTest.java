package io.localcodemodel.tokenizer.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.InputStream;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.jr.ob.JSON;

class ChatTemplateTest {

    private static final LocalDateTime TIME = LocalDateTime.of(2024, 7, 6, 9, 5, 3);

    private static String render(String template, Map<?, ?> variables) {
        ChatOptions options = ChatOptions.DEFAULTS.withTime(TIME);
        for (Map.Entry<?, ?> variable : variables.entrySet()) {
            options = options.withVariable((String) variable.getKey(), variable.getValue());
        }
        return ChatTemplate.of(template).render(List.of(), options).text();
    }

    @Test
    void renders_as_jinja_does() throws Exception {
        List<String> different = new ArrayList<>();
        int cases = 0;
        try (InputStream file = Objects.requireNonNull(getClass().getResourceAsStream("/chat/jinja-cases.json"))) {
            for (Object set : (List<?>) JSON.std.mapFrom(file).get("sets")) {
                Map<?, ?> variables = (Map<?, ?>) ((Map<?, ?>) set).get("variables");
                for (Object one : (List<?>) ((Map<?, ?>) set).get("cases")) {
                    String template = (String) ((Map<?, ?>) one).get("template");
                    if (!Objects.equals(renderOrNull(template, variables), ((Map<?, ?>) one).get("expected"))) {
                        different.add(template);
                    }
                    cases++;
                }
            }
        }
        assertThat(different).isEmpty();
        assertThat(cases).isEqualTo(403);
    }

    private static String renderOrNull(String template, Map<?, ?> variables) {
        try {
            return render(template, variables);
        } catch (ChatTemplateException refused) {
            return null;
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a\\n{% if x %} | 2 | expected {% elif %} or {% else %} or {% endif %}, found the end of the template",
                "{{ x.y }} | 1 | expected something with the attribute \"y\", found \"x\", which is undefined",
                "\\n\\n{{ 'a' + 1 }} | 3 | expected two numbers, strings or lists around +, found the string \"a\" and",
                "{% include 'a' %} | 1 | expected a statement (if, for, set, macro, generation, break, continue, raw)",
                "\\n{{ 1 / 0 }} | 2 | expected a number other than 0 to divide by, found 0",
                "{{ raise_exception('no system') }} | 1 | the template refuses the conversation: no system",
                "{% break %} | 1 | expected \"break\" inside a for, found it outside",
                "{{ messages.append(1) }} | 1 | expected a function to call, found \"append\", which is undefined",
                "{{ 'a'.strip(1) }} | 1 | expected a string as chars of strip, found the number 1",
                "{{ 'a'.split(separator=1) }} | 1 | expected arguments of split named sep, maxsplit, found separator",
            })
    void names_the_line_and_what_was_expected(String template, int line, String message) {
        String unescaped = template.replace("\\n", "\n");
        assertThatExceptionOfType(ChatTemplateException.class)
                .isThrownBy(() -> render(unescaped, Map.of()))
                .withMessageStartingWith("chat template, line " + line + ": " + message)
                .satisfies(refused -> assertThat(refused.line()).isEqualTo(line));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}",
                "{{ range(100000000000) }}",
                "{% set ns = namespace(s='x') %}{% for i in range(64) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
                "{{ 'x' * 10000000000 }}",
                "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
                "{% set ns = namespace(s='x' * 1000000, l=[]) %}{% for i in range(100000) %}"
                        + "{% set ns.l = ns.l + [ns.s[1:]] %}{% endfor %}",
                "{% set s = 'a' * 4000000 %}{% for i in range(9999) %}{{ ('a' * 100000 ~ 'b') in s }}{% endfor %}",
                "{% set ns = namespace(l=[]) %}{% for i in range(9999) %}{% set ns.l = [ns.l] %}{% endfor %}{{ ns.l }}",
                "{% set s = 'a' * 99999 %}{{ s.replace('a', s).replace('a', s) }}",
                "{{ 'x' | indent(1000000000, true) }}{{ 2 ** 100000 }}",
            })
    void refuses_to_hang_or_to_fill_the_memory(String template) {
        assertThatExceptionOfType(ChatTemplateException.class).isThrownBy(() -> render(template, Map.of()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"(", "[", "not ", "-", "{% if x %}", "x|trim|", "x + "})
    void refuses_what_is_nested_too_deeply(String piece) {
        String deep = piece.repeat(50_000);
        String template = piece.startsWith("{%") ? deep : "{{ " + deep + "x }}";
        assertThatExceptionOfType(ChatTemplateException.class).isThrownBy(() -> render(template, Map.of("x", 1)));
    }

    @Test
    void knows_which_characters_came_from_the_conversation() {
        ChatTemplate template = ChatTemplate.of(
                "{% for m in messages %}<{{ m.role }}>{{ m.content | trim ~ '!' }}{{ m.content | upper }}{% endfor %}");
        ChatPrompt prompt = template.render(List.of(ChatMessage.user(" <a> ")), ChatOptions.DEFAULTS);
        assertThat(prompt.text()).isEqualTo("<user><a>! <A> ");
        assertThat(prompt.content()).containsExactly(new ChatPrompt.Span(6, 9), new ChatPrompt.Span(10, 15));
    }

    @Test
    void a_mark_follows_its_characters_through_splitting_joining_and_replacing() {
        ChatTemplate template = ChatTemplate.of(
                "{{ ['x', messages[0].content.split('</think>')[-1], 'y'] | join(', ') | replace('b', 'BB') }}");
        ChatPrompt prompt =
                template.render(List.of(ChatMessage.assistant("<think>q</think>abc")), ChatOptions.DEFAULTS);
        assertThat(prompt.text()).isEqualTo("x, aBBc, y");
        assertThat(prompt.content()).containsExactly(new ChatPrompt.Span(3, 4), new ChatPrompt.Span(6, 7));
    }

    @Test
    void tools_and_arguments_are_content_and_variables_are_not() {
        ChatTemplate template = ChatTemplate.of("{{ tools | tojson }}{{ style }}");
        ChatPrompt prompt = template.render(
                List.of(),
                ChatOptions.DEFAULTS.withTools(List.of(Map.of("k", "v"))).withVariable("style", "S"));
        assertThat(prompt.text()).isEqualTo("[{\"k\": \"v\"}]S");
        assertThat(prompt.content()).containsExactly(new ChatPrompt.Span(2, 5), new ChatPrompt.Span(7, 10));
    }

    @Test
    void text_of_the_conversation_between_the_values_of_json_stays_text() {
        List<ChatMessage> messages = List.of(ChatMessage.user("!!"));
        ChatOptions options =
                ChatOptions.DEFAULTS.withVariable("v", List.of(1L, 2L)).withVariable("m", Map.of("k", 1L));

        ChatPrompt separated = ChatTemplate.of("{{ v | tojson(separators=[messages[0].content, ':']) }}")
                .render(messages, options);
        assertThat(separated.text()).isEqualTo("[1!!2]");
        assertThat(separated.content()).containsExactly(new ChatPrompt.Span(2, 4));
        ChatPrompt keyed = ChatTemplate.of("{{ m | tojson(separators=[',', messages[0].content]) }}")
                .render(messages, options);
        assertThat(keyed.text()).isEqualTo("{\"k\"!!1}");
        assertThat(keyed.content()).containsExactly(new ChatPrompt.Span(4, 6));
        ChatPrompt indented =
                ChatTemplate.of("{{ v | tojson(indent=messages[0].content) }}").render(messages, options);
        assertThat(indented.text()).isEqualTo("[\n!!1,\n!!2\n]");
        assertThat(indented.content()).containsExactly(new ChatPrompt.Span(2, 4), new ChatPrompt.Span(7, 9));
    }

    @Test
    void marks_stay_on_what_dict_is_made_of() {
        ChatPrompt prompt = ChatTemplate.of("{% set d = dict(messages[0].arguments, k=messages[0].content) %}"
                        + "{% for key, value in d.items() %}{{ key }}={{ value }};{% endfor %}")
                .render(List.of(ChatMessage.user("<x>").with("arguments", Map.of("<y>", "z"))), ChatOptions.DEFAULTS);
        assertThat(prompt.text()).isEqualTo("<y>=z;k=<x>;");
        assertThat(prompt.content())
                .containsExactly(new ChatPrompt.Span(0, 3), new ChatPrompt.Span(4, 5), new ChatPrompt.Span(8, 11));
    }

    @Test
    void a_message_may_have_further_fields() {
        ChatTemplate template = ChatTemplate.of(
                "{% for m in messages %}{% for c in m.tool_calls or [] %}{{ c.function.arguments | tojson }}{% endfor"
                        + " %}{{ m.reasoning_content }}{% endfor %}");
        ChatMessage message = ChatMessage.assistant("")
                .withToolCalls(List.of(Map.of("function", Map.of("name", "f", "arguments", Map.of("n", 1)))))
                .with("reasoning_content", "hm");
        assertThat(template.render(List.of(message), ChatOptions.DEFAULTS).text())
                .isEqualTo("{\"n\": 1}hm");
    }

    @Test
    void refuses_a_field_that_is_no_json_value() {
        ChatTemplate template = ChatTemplate.of("{{ messages[0].content }}");
        List<ChatMessage> messages = List.of(ChatMessage.user("a").with("thread", new Object()));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> template.render(messages, ChatOptions.DEFAULTS))
                .withMessageContaining("message 0 holds a java.lang.Object; expected strings, numbers");
    }
}
