package io.localcodemodel.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import io.localcodemodel.tokenizer.chat.ChatMessage;
import io.localcodemodel.tokenizer.chat.ChatOptions;
import io.localcodemodel.tokenizer.chat.ChatPrompt;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Runs the example of `docs/tokenization.md`: the code here is the code there, and it prints what the page shows.
class TokenizationTutorialTest {

    private static final Path PAGE = Path.of("../docs/tokenization.md");
    private static final Path SOURCE =
            Path.of("src/test/java/io/localcodemodel/tokenizer/TokenizationTutorialTest.java");

    @TempDir
    private Path folder;

    /// What the second block of the page trains and the others use.
    private Tokenizer trained;

    @Test
    void the_page_shows_what_its_code_prints() throws Exception {
        List<String> printed = List.of(
                print(this::characters),
                print(this::pairs),
                print(this::word),
                print(this::pieces),
                print(this::places),
                print(this::special),
                print(this::conversation),
                print(this::gap),
                print(this::healing),
                print(this::streaming),
                print(this::files));

        assertThat(blocks("text")).isEqualTo(printed);
    }

    @Test
    void the_code_of_the_page_is_the_code_of_this_test() throws Exception {
        String source = plain(Files.readString(SOURCE));

        assertThat(blocks("java"))
                .hasSize(11)
                .allSatisfy(block -> assertThat(source).contains(plain(block)));
    }

    private void characters(PrintStream out) {
        Tokenizer characters = CharacterTokenizer.of("int x = 1;");
        int[] ids = characters.encode("x = x;");
        out.println(Arrays.toString(ids) + " " + characters.decode(ids));
    }

    private void pairs(PrintStream out) {
        String text = "low lower lowest slow slower slowest new newer newest ";
        Tokenizer tokenizer =
                BpeTrainer.builder().vocabularySize(4 + 256 + 8).build().train(List.of(text));
        for (int id = 4 + 256; id < tokenizer.vocabularySize(); id++) {
            out.println(id + " " + tokenizer.token(id));
        }
        trained = tokenizer;
    }

    private void word(PrintStream out) {
        Tokenizer tokenizer = trained;
        int[] ids = tokenizer.encode("slower newer");
        for (int id : ids) {
            out.print(tokenizer.token(id) + " | ");
        }
    }

    private void pieces(PrintStream out) {
        Tokenizer pieces = WordPieceTrainer.builder()
                .vocabularySize(40)
                .build()
                .train(List.of("low lower lowest slow slower slowest new newer newest "));
        for (int id : pieces.encode("slowest news lowly", EncodeOptions.PROMPT)) {
            out.print(pieces.token(id) + " | ");
        }
    }

    private void places(PrintStream out) {
        Tokenizer tokenizer = trained;
        Encoding encoding = tokenizer.encoding("slower newer", EncodeOptions.TEXT);
        out.println(encoding.text(3, "slower newer") + " " + encoding.starts()[3] + " " + encoding.ends()[3]);
    }

    private void special(PrintStream out) {
        Tokenizer tokenizer = trained;
        out.println(tokenizer.encode("<|endoftext|>").length);
        out.println(tokenizer.encode("<|endoftext|>", EncodeOptions.MARKUP).length);
        out.println(tokenizer.endOfText().getAsInt());
    }

    private void conversation(PrintStream out) {
        Tokenizer tokenizer = trained;
        TokenizerConfig config = tokenizer
                .config()
                .withChatTemplate("{% for m in messages %}<|{{ m.role }}|>{{ m.content }}{{ eos_token }}{% endfor %}"
                        + "{% if add_generation_prompt %}<|assistant|>{% endif %}");
        Tokenizer chatting = tokenizer.withConfig(config);
        List<ChatMessage> messages = List.of(ChatMessage.user("slower<|endoftext|>"));
        ChatPrompt prompt = chatting.chatPrompt(messages, ChatOptions.DEFAULTS);
        out.println(prompt.text());
        int[] ids = chatting.encodeChat(messages, ChatOptions.DEFAULTS);
        out.println(Arrays.stream(ids)
                .filter(id -> id == tokenizer.endOfText().getAsInt())
                .count());
    }

    private void gap(PrintStream out) {
        Tokenizer tokenizer = trained;
        Tokenizer infilling = tokenizer.withConfig(tokenizer.config().withInfilling(true));
        InfillFormat format = infilling.infillFormat().orElseThrow();
        out.println(format.family());
        out.println(infilling.decode(format.encode("slow ", " newest")));
        out.println(infilling.decode(format.withSuffixFirst().encode("slow ", " newest")));
    }

    private void healing(PrintStream out) {
        Tokenizer tokenizer = trained;
        TokenPrefixes prefixes = tokenizer.prefixes();
        int[] cut = tokenizer.encode("new newes");
        int back = prefixes.cut(cut, 0, cut.length);
        out.println(tokenizer.decode(Arrays.copyOf(cut, cut.length - back)) + "|");
        byte[] rest = prefixes.bytes(Arrays.copyOfRange(cut, cut.length - back, cut.length));
        for (int id : prefixes.startingWith(rest)) {
            out.print(tokenizer.token(id) + " ");
        }
    }

    private void streaming(PrintStream out) {
        Tokenizer tokenizer = trained;
        StreamingDecoder decoder = tokenizer.streamingDecoder();
        for (int id : tokenizer.encode("é!")) {
            out.print("[" + decoder.add(id) + "]");
        }
        out.println(decoder.finish());
    }

    private void files(PrintStream out) throws Exception {
        Tokenizer tokenizer = trained;
        tokenizer.save(folder);
        Tokenizer loaded = Tokenizer.load(folder);
        out.println(loaded.decode(loaded.encode("slower")));
    }

    private static String print(Example example) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8)) {
            example.run(out);
        }
        return bytes.toString(StandardCharsets.UTF_8)
                .replace(System.lineSeparator(), "\n")
                .stripTrailing();
    }

    private static List<String> blocks(String language) throws Exception {
        List<String> blocks = new ArrayList<>();
        Matcher matcher = Pattern.compile("```" + language + "\n(.*?)\n```", Pattern.DOTALL)
                .matcher(Files.readString(PAGE));
        while (matcher.find()) {
            blocks.add(matcher.group(1).stripTrailing());
        }
        return blocks;
    }

    private static String plain(String code) {
        return code.replace("System.out.", "out.").replaceAll("\\s+", "");
    }

    @FunctionalInterface
    private interface Example {

        void run(PrintStream out) throws Exception;
    }
}
