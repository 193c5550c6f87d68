package io.localcodemodel.tokenizer.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// The forms of conversation that published code models were trained on, as their model cards show them.
class KnownTemplatesTest {

    private static final List<ChatMessage> SYSTEM_AND_TURNS = List.of(
            ChatMessage.system("You are helpful"),
            ChatMessage.user("Hello"),
            ChatMessage.assistant("Hi there"),
            ChatMessage.user(" Sort a list "));
    private static final List<ChatMessage> TURNS = SYSTEM_AND_TURNS.subList(1, 4);

    private static String render(String template, List<ChatMessage> messages) {
        return ChatTemplate.of(template)
                .withSpecialTokens(Map.of("bos_token", "<s>", "eos_token", "</s>"))
                .render(messages, ChatOptions.DEFAULTS)
                .text();
    }

    @Test
    void chatml_and_qwen_coder() {
        String template = """
            {%- if messages[0]['role'] != 'system' %}
                {{- '<|im_start|>system\\nYou are Qwen.<|im_end|>\\n' }}
            {%- endif %}
            {%- for message in messages %}
                {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}
            {%- endfor %}
            {%- if add_generation_prompt %}
                {{- '<|im_start|>assistant\\n' }}
            {%- endif %}
            """;
        String turns = """
            <|im_start|>user
            Hello<|im_end|>
            <|im_start|>assistant
            Hi there<|im_end|>
            <|im_start|>user
             Sort a list <|im_end|>
            <|im_start|>assistant
            """;
        assertThat(render(template, SYSTEM_AND_TURNS))
                .isEqualTo("<|im_start|>system\nYou are helpful<|im_end|>\n" + turns);
        assertThat(render(template, TURNS)).isEqualTo("<|im_start|>system\nYou are Qwen.<|im_end|>\n" + turns);
    }

    @Test
    void llama_2_and_code_llama() {
        String template = """
            {% if messages[0].role == 'system' %}{% set turns = messages[1:] %}{% set system = messages[0].content %}\
            {% else %}{% set turns = messages %}{% set system = false %}{% endif %}\
            {% for m in turns %}\
            {% if (m.role == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('roles must alternate') }}{% endif %}\
            {% if loop.index0 == 0 and system != false %}\
            {% set content = '<<SYS>>\\n' + system + '\\n<</SYS>>\\n\\n' + m.content %}\
            {% else %}{% set content = m.content %}{% endif %}\
            {% if m.role == 'user' %}{{ bos_token + '[INST] ' + content | trim + ' [/INST]' }}\
            {% elif m.role == 'assistant' %}{{ ' ' + content | trim + ' ' + eos_token }}{% endif %}{% endfor %}\
            """;
        assertThat(render(template, SYSTEM_AND_TURNS))
                .isEqualTo("<s>[INST] <<SYS>>\nYou are helpful\n<</SYS>>\n\nHello [/INST] Hi there </s>"
                        + "<s>[INST] Sort a list [/INST]");
        assertThatExceptionOfType(ChatTemplateException.class)
                .isThrownBy(() -> render(template, List.of(ChatMessage.assistant("me first"))))
                .withMessageContaining("the template refuses the conversation: roles must alternate");
    }

    @Test
    void llama_3() {
        String template = "{% for m in messages %}{% set content = '<|start_header_id|>' + m['role'] +"
            + " '<|end_header_id|>\\n"
            + "\\n"
            + "' + m['content'] | trim + '<|eot_id|>' %}{{ bos_token + content if loop.first else content }}{% endfor"
            + " %}{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\\n"
            + "\\n"
            + "' }}{% endif %}";
        assertThat(render(template, SYSTEM_AND_TURNS.subList(0, 2)))
                .isEqualTo("<s><|start_header_id|>system<|end_header_id|>\n\nYou are helpful<|eot_id|>"
                        + "<|start_header_id|>user<|end_header_id|>\n\nHello<|eot_id|>"
                        + "<|start_header_id|>assistant<|end_header_id|>\n\n");
    }

    @Test
    void deepseek_coder() {
        String template = """
            {% set ns = namespace(found=false) %}
            {% for m in messages if m.role == 'system' %}{% set ns.found = true %}{% endfor %}
            {{- bos_token }}
            {%- if not ns.found %}{{ 'You are an AI programming assistant.\\n' }}{% endif %}
            {%- for m in messages %}
                {%- if m.role == 'system' %}
            {{ m.content }}
                {%- elif m.role == 'user' %}
            {{ '### Instruction:\\n' + m.content + '\\n' }}
                {%- else %}
            {{ '### Response:\\n' + m.content + '\\n<|EOT|>\\n' }}
                {%- endif %}
            {%- endfor %}
            {% if add_generation_prompt %}
            {{ '### Response:' }}
            {% endif %}
            """;
        assertThat(render(template, TURNS)).isEqualTo("""
            <s>You are an AI programming assistant.
            ### Instruction:
            Hello
            ### Response:
            Hi there
            <|EOT|>
            ### Instruction:
             Sort a list\s
            ### Response:
            """);
    }

    @Test
    void mistral_and_codestral() {
        String template =
                "{{ bos_token }}{% for m in messages %}{% if m.role == 'user' %}{{ '[INST] ' + m.content + ' [/INST]'"
                        + " }}{% elif m.role == 'assistant' %}{{ m.content + eos_token }}{% else %}{{"
                        + " raise_exception('Only user and assistant roles are supported!') }}{% endif %}{% endfor %}";
        assertThat(render(template, TURNS))
                .isEqualTo("<s>[INST] Hello [/INST]Hi there</s>[INST]  Sort a list  [/INST]");
        assertThatExceptionOfType(ChatTemplateException.class)
                .isThrownBy(() -> render(template, SYSTEM_AND_TURNS))
                .withMessageContaining("Only user and assistant roles are supported!");
    }

    @Test
    void gemma() {
        String template = "{{ bos_token }}{% for m in messages %}"
                + "{% set role = 'model' if m.role == 'assistant' else m.role %}"
                + "{{ '<start_of_turn>' + role + '\\n' + m.content | trim + '<end_of_turn>\\n' }}{% endfor %}"
                + "{% if add_generation_prompt %}{{ '<start_of_turn>model\\n' }}{% endif %}";
        assertThat(render(template, TURNS)).isEqualTo("""
            <s><start_of_turn>user
            Hello<end_of_turn>
            <start_of_turn>model
            Hi there<end_of_turn>
            <start_of_turn>user
            Sort a list<end_of_turn>
            <start_of_turn>model
            """);
    }

    @Test
    void phi_3() {
        String template = "{% for m in messages %}{{ '<|' + m.role + '|>\\n' + m.content + '<|end|>\\n' }}{% endfor %}"
                + "{% if add_generation_prompt %}{{ '<|assistant|>\\n' }}{% else %}{{ eos_token }}{% endif %}";
        assertThat(render(template, TURNS.subList(0, 1))).isEqualTo("<|user|>\nHello<|end|>\n<|assistant|>\n");
        assertThat(ChatTemplate.of(template)
                        .withSpecialTokens(Map.of("eos_token", "<|endoftext|>"))
                        .render(TURNS.subList(0, 1), ChatOptions.DEFAULTS.withGenerationPrompt(false))
                        .text())
                .isEqualTo("<|user|>\nHello<|end|>\n<|endoftext|>");
    }

    @Test
    void starcoder_2_instruct() {
        String template = "{{ bos_token }}{{ 'You are an exceptionally intelligent coding assistant.\\n"
                + "\\n"
                + "' }}{% for m in messages %}{% if m.role == 'user' %}{{ '### Instruction\\n"
                + "' + m.content + '\\n"
                + "\\n"
                + "' }}{% else %}{{ '### Response\\n"
                + "' + m.content + eos_token }}{% endif %}{% endfor %}{{ '### Response\\n"
                + "' }}";
        assertThat(render(template, TURNS.subList(0, 1))).isEqualTo("""
            <s>You are an exceptionally intelligent coding assistant.

            ### Instruction
            Hello

            ### Response
            """);
    }

    @Test
    void zephyr_and_stablecode() {
        String template = """
            {% for message in messages %}
            {% if message['role'] == 'user' %}
            {{ '<|user|>\\n' + message['content'] + eos_token }}
            {% elif message['role'] == 'system' %}
            {{ '<|system|>\\n' + message['content'] + eos_token }}
            {% elif message['role'] == 'assistant' %}
            {{ '<|assistant|>\\n' + message['content'] + eos_token }}
            {% endif %}
            {% if loop.last and add_generation_prompt %}
            {{ '<|assistant|>' }}
            {% endif %}
            {% endfor %}\
            """;
        assertThat(render(template, SYSTEM_AND_TURNS.subList(0, 2)))
                .isEqualTo("<|system|>\nYou are helpful</s>\n<|user|>\nHello</s>\n<|assistant|>\n");
    }
}
