package io.localcodemodel.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.jr.ob.JSON;

/// Every stage of `tokenizer.json` against the Hugging Face library: each file under `pipelines` is a small tokenizer
/// and what version 0.23.2 of that library makes of random texts with it (see the README there).
class PipelinesTest {

    private static final Path FOLDER = Path.of("src/test/resources/pipelines");

    static List<String> pipelines() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".json"))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("pipelines")
    void equals_the_reference(String name) throws Exception {
        Map<?, ?> file = (Map<?, ?>) JSON.std.anyFrom(Files.readAllBytes(FOLDER.resolve(name)));
        Tokenizer tokenizer = TokenizerJson.read(JSON.std.asBytes(file.get("tokenizer")), name);
        boolean exactOffsets = (Boolean) file.get("exactOffsets");

        List<?> cases = (List<?>) file.get("cases");
        assertThat(cases).hasSizeGreaterThan(30);
        for (Object element : cases) {
            Map<?, ?> expected = (Map<?, ?>) element;
            String text = (String) expected.get("text");
            String pair = (String) expected.get("pair");
            Encoding encoding = pair == null
                    ? tokenizer.encoding(text, EncodeOptions.PROMPT)
                    : tokenizer.encoding(text, pair, EncodeOptions.PROMPT);

            assertThat(encoding.ids()).as(text).isEqualTo(ints(expected.get("ids")));
            assertThat(encoding.types()).as(text).isEqualTo(ints(expected.get("types")));
            assertThat(tokenizer.encode(text, EncodeOptions.MARKUP)).as(text).isEqualTo(ints(expected.get("plain")));
            if (pair == null) {
                assertThat(tokenizer.encode(text, EncodeOptions.PROMPT)).isEqualTo(encoding.ids());
                assertOffsets(text, encoding, (List<?>) expected.get("offsets"), exactOffsets);
            }
            assertDecodes(tokenizer, encoding.ids(), expected);
        }
    }

    @ParameterizedTest
    @MethodSource("pipelines")
    void is_the_same_after_being_written_and_read(String name) throws Exception {
        Map<?, ?> file = (Map<?, ?>) JSON.std.anyFrom(Files.readAllBytes(FOLDER.resolve(name)));
        Tokenizer tokenizer = TokenizerJson.read(JSON.std.asBytes(file.get("tokenizer")), name);

        byte[] written = json(tokenizer);
        Tokenizer again = TokenizerJson.read(written, name);

        assertThat(json(again)).isEqualTo(written);
        for (Object element : (List<?>) file.get("cases")) {
            String text = (String) ((Map<?, ?>) element).get("text");
            assertThat(again.encoding(text, EncodeOptions.PROMPT))
                    .isEqualTo(tokenizer.encoding(text, EncodeOptions.PROMPT));
        }
    }

    private static byte[] json(Tokenizer tokenizer) throws IOException {
        return JSON.std.with(JSON.Feature.WRITE_NULL_PROPERTIES).asBytes(TokenizerJson.json(tokenizer));
    }

    private static void assertDecodes(Tokenizer tokenizer, int[] ids, Map<?, ?> expected) {
        assertThat(tokenizer.decode(ids)).isEqualTo(expected.get("decodedAll"));
        assertThat(tokenizer.decodeWithoutSpecialTokens(ids)).isEqualTo(expected.get("decoded"));
        StreamingDecoder decoder = tokenizer.streamingDecoder();
        StringBuilder shown = new StringBuilder();
        for (int id : ids) {
            shown.append(decoder.add(id));
        }
        assertThat(shown.append(decoder.finish())).hasToString(tokenizer.decode(ids));
    }

    /// Compares places, which the reference counts in code points.
    ///
    /// What was inserted before a text has the place of the first character there, and none here. Where several
    /// characters become others together, the reference names only some of them, and the place here contains that.
    private static void assertOffsets(String text, Encoding encoding, List<?> offsets, boolean exact) {
        for (int i = 0; i < encoding.size(); i++) {
            int[] expected = ints(offsets.get(i));
            int start = text.codePointCount(0, encoding.starts()[i]);
            int end = text.codePointCount(0, encoding.ends()[i]);
            boolean inserted = start == end && expected[1] - start <= 1 && expected[0] >= start;
            boolean contains = !exact && start <= expected[0] && end >= expected[1];
            if (!inserted && !contains) {
                assertThat(new int[] {start, end})
                        .as("token %d of %s: %s", i, text, Arrays.toString(encoding.ids()))
                        .isEqualTo(expected);
            }
        }
    }

    private static int[] ints(Object list) {
        return ((List<?>) list).stream().mapToInt(value -> (Integer) value).toArray();
    }
}
