package io.localcodemodel.tokenizer.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Damaged templates lead to the template's exception or to a prompt, and to nothing else.
class HostileTemplatesTest {

    private static final int MUTANTS = 10_000;
    private static final String TEMPLATE = """
        {%- set ns = namespace(found=false, n=0) %}
        {%- macro turn(role, text='') -%}<|{{ role }}|>{{ text | trim }}{%- endmacro %}
        {%- if tools %}{{ tools | tojson(indent=2) }}{% endif %}
        {% for m in messages[::-1] if m.role != 'tool' %}
            {%- set ns.n = ns.n + loop.index0 * 2 - 1 %}
            {%- if m.content is string and not (m.content.startswith('a') or loop.last) %}
                {{- turn(m.role, m.content.split('</t>')[-1].lstrip('\\n')) ~ bos_token }}
            {%- elif m['tool_calls'] is defined %}
                {%- for k, v in m.tool_calls[0].items() %}{{ k }}={{ v }}, {% endfor %}
            {%- else %}{{ m.content[:-1] | upper | replace('B', 'x' * 3) }}{% endif %}
        {%- endfor %}
        {{ messages | selectattr('role', 'equalto', 'user') | map(attribute='content') | join(' / ') }}
        {{ range(3) | list }} {{ [1, 2.5, none, true] | length if ns.found else {'a': ns.n}['a'] }}
        """;
    private static final List<String> PIECES = List.of(
            "{%",
            "%}",
            "{{",
            "}}",
            "-",
            "(",
            ")",
            "[",
            "]",
            "*",
            "**",
            "99999999",
            "'",
            " in ",
            " if ",
            "|",
            ".",
            "~",
            "range(9999999)",
            "messages",
            "loop",
            "{% for i in range(99999) %}",
            "{% endfor %}",
            "{#",
            "#}",
            "\\",
            "ns",
            "{% set messages = messages + messages %}",
            " is ",
            "not ",
            "|tojson",
            "|list",
            "|string",
            "turn(turn)",
            "\uD83D");

    @Test
    void a_list_that_holds_itself_many_times_over_is_no_key_and_never_walked_for_its_hash() {
        String doubled = "{% set a=[1] %}" + "{% set a=[a,a] %}".repeat(60);

        assertThat(rendered(doubled + "{{ a in {'x':1} }}")).isEqualTo("False");
        assertThat(rendered(doubled + "{{ {'x':1}.get(a) }}")).isEqualTo("None");
        assertThat(rendered(doubled + "{{ {'x':1}[a] is defined }}")).isEqualTo("False");
        assertThat(rendered(doubled + "{% set n=namespace(v=a) %}{% set m=namespace(v=a) %}{{ n == m }}"))
                .isEqualTo("False");
    }

    private static String rendered(String template) {
        return ChatTemplate.of(template).render(List.of(), ChatOptions.DEFAULTS).text();
    }

    @Test
    void a_mutated_template_is_refused_or_renders() {
        Random random = new Random(5);
        List<ChatMessage> messages = List.of(
                ChatMessage.system("abc"),
                ChatMessage.user("b</t>\nx"),
                ChatMessage.assistant("").withToolCalls(List.of(Map.of("name", "f"))));
        ChatOptions options = ChatOptions.DEFAULTS.withTools(List.of(Map.of("k", List.of(1, "v"))));
        int refused = 0;
        for (int i = 0; i < MUTANTS; i++) {
            String mutant = mutant(random);
            try {
                ChatTemplate.of(mutant).render(messages, options);
            } catch (ChatTemplateException e) {
                refused++;
                assertThat(e).hasMessageStartingWith("chat template, line ");
            } catch (RuntimeException | StackOverflowError e) {
                fail("mutant %d: %s".formatted(i, mutant), e);
            }
        }
        assertThat(refused).isBetween(MUTANTS / 2, MUTANTS - MUTANTS / 20);
    }

    private static String mutant(Random random) {
        StringBuilder mutant = new StringBuilder(TEMPLATE);
        for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
            int at = random.nextInt(mutant.length());
            int end = Math.min(mutant.length(), at + random.nextInt(12));
            switch (random.nextInt(5)) {
                case 0 -> mutant.delete(at, end);
                case 1 -> mutant.insert(at, mutant.substring(at, end));
                case 2 -> mutant.setCharAt(at, (char) random.nextInt(' ', 0x7F));
                case 3 -> mutant.insert(at, PIECES.get(random.nextInt(PIECES.size())));
                default -> mutant.replace(at, end, PIECES.get(random.nextInt(PIECES.size())));
            }
        }
        return mutant.toString();
    }
}
