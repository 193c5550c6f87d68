package io.localcodemodel.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import tools.jackson.jr.ob.JSON;

/// The folder of published vocabularies, with what the reference implementations make of a set of texts.
final class SharedData {

    private SharedData() {}

    static Path data() {
        Path folder = Path.of(Objects.requireNonNull(System.getProperty("sharedData"), "-DsharedData is missing"))
                .resolve("data");
        assertThat(folder).isDirectory();
        return folder;
    }

    static Path tokenizers() {
        return data().resolve("tokenizers");
    }

    static Object json(Path file) throws IOException {
        return JSON.std.anyFrom(Files.readAllBytes(file));
    }

    static List<String> cases() throws IOException {
        List<String> cases = new ArrayList<>();
        for (Object text : (List<?>) json(tokenizers().resolve("cases.json"))) {
            cases.add((String) text);
        }
        return cases;
    }

    static int[] ids(Object list) {
        return ((List<?>) list).stream().mapToInt(id -> (Integer) id).toArray();
    }

    /// Compares the tokens of all cases with those in a file, under a key of each of its elements.
    static void assertCases(Tokenizer tokenizer, EncodeOptions options, Path expected, String key) throws IOException {
        List<String> cases = cases();
        List<?> truth = (List<?>) json(expected);
        assertThat(truth).hasSameSizeAs(cases);
        for (int i = 0; i < cases.size(); i++) {
            String text = cases.get(i);
            int[] ids = ids(((Map<?, ?>) truth.get(i)).get(key));
            assertThat(tokenizer.encode(text, options))
                    .as("case %d: %s", i, text)
                    .isEqualTo(ids);
            Encoding encoding = tokenizer.encoding(text, options);
            assertThat(encoding.ids()).as("case %d with places", i).isEqualTo(ids);
            assertPlaces(text, encoding, "case " + i);
        }
    }

    /// Compares with the cases of llama.cpp's own suite: the texts of `FILE.inp` and the lines of ids of `FILE.out`.
    static void assertLlamaCpp(Tokenizer tokenizer, Path file) throws IOException {
        String[] texts = Files.readString(file.resolveSibling(file.getFileName() + ".inp"))
                .split("\n__ggml_vocab_test__\n", -1);
        String[] lines = Files.readString(file.resolveSibling(file.getFileName() + ".out"))
                .split("\n", -1);
        assertThat(lines).hasSameSizeAs(texts);
        for (int i = 0; i < texts.length; i++) {
            String found = Arrays.stream(tokenizer.encode(texts[i], EncodeOptions.MARKUP))
                    .mapToObj(String::valueOf)
                    .collect(Collectors.joining(" "));
            assertThat(found).as("case %d: %s", i, texts[i]).isEqualTo(lines[i].strip());
        }
    }

    /// Every character belongs to a token, and tokens follow the text.
    static void assertPlaces(String text, Encoding encoding, String what) {
        int reached = 0;
        for (int i = 0; i < encoding.size(); i++) {
            assertThat(encoding.starts()[i]).as(what).isLessThanOrEqualTo(reached);
            assertThat(encoding.ends()[i]).as(what).isGreaterThanOrEqualTo(reached);
            reached = encoding.ends()[i];
        }
        assertThat(reached).as(what).isEqualTo(text.length());
    }

    /// Compares the tokens of whole files with their number and hash.
    static void assertDocuments(Tokenizer tokenizer, EncodeOptions options, Path expected) throws Exception {
        for (Object element : (List<?>) json(expected)) {
            Map<?, ?> document = (Map<?, ?>) element;
            byte[] utf8 = document(document);
            int[] ids = tokenizer.encode(utf8, options);
            assertThat(ids).as("%s", document.get("doc")).hasSize((Integer) document.get("tokens"));
            ByteBuffer bytes = ByteBuffer.allocate(4 * ids.length).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asIntBuffer().put(ids);
            assertThat(sha256(bytes.array())).as("%s", document.get("doc")).isEqualTo(document.get("ids_u32le_sha256"));
        }
    }

    private static byte[] document(Map<?, ?> document) throws Exception {
        try (var files = Files.walk(data().resolve("text"))) {
            for (Path file : (Iterable<Path>) files::iterator) {
                if (file.endsWith((String) document.get("doc"))) {
                    byte[] bytes = Files.readAllBytes(file);
                    if (sha256(bytes).equals(document.get("doc_sha256"))) {
                        return bytes;
                    }
                }
            }
        }
        throw new AssertionError("no document " + document.get("doc"));
    }

    private static String sha256(byte[] bytes) throws NoSuchAlgorithmException {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }
}
