package io.localcodemodel.benchmarks;

import io.localcodemodel.model.file.GgufFile;
import io.localcodemodel.tokenizer.EncodeOptions;
import io.localcodemodel.tokenizer.GgufVocabulary;
import io.localcodemodel.tokenizer.Tokenizer;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.jr.ob.JSON;

/// Compares what a tokenizer makes of texts with what its reference implementation makes of them.
///
/// ```text
/// benchmarks/run TokenizerCheck --tokenizer FILE --cases FILE --expected FILE
/// ```
///
/// The tokenizer is a file or folder that [Tokenizer#load] reads, or a GGUF file. Forms of cases and expected tokens:
///
/// - a JSON array of texts, and a JSON array of objects with `ids`, or with `ordinary` (nothing special is parsed)
///   and `all_special`;
/// - a text file, or a folder to look for them in, and a JSON array of objects with `doc`, `doc_sha256`, `tokens` and
///   `ids_u32le_sha256`, the hash of the ids as little-endian integers of 32 bits;
/// - the texts of llama.cpp's own suite, separated by a line, and a line of ids for each.
public final class TokenizerCheck {

    private static final String SEPARATOR = "\n__ggml_vocab_test__\n";

    private final Tokenizer tokenizer;
    private int cases;
    private int equal;
    private @Nullable Map<String, Object> firstDifference;

    private TokenizerCheck(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /// Runs the comparison, prints a report and ends it with one JSON object.
    public static void main(String[] arguments) throws Exception {
        PrintStream out = System.out;
        Map<String, String> options = options(arguments);
        if (!options.keySet().containsAll(List.of("--tokenizer", "--cases", "--expected"))) {
            System.err.println("Usage: benchmarks/run TokenizerCheck --tokenizer FILE --cases FILE --expected FILE");
            System.exit(2);
        }
        Path expected = Path.of(options.get("--expected"));
        TokenizerCheck check = new TokenizerCheck(tokenizer(Path.of(options.get("--tokenizer"))));
        check.run(Path.of(options.get("--cases")), expected);
        out.println(check.tokenizer);
        out.printf("%d of %d cases equal%n", check.equal, check.cases);
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("cases", check.cases);
        result.put("equal", check.equal);
        result.put("firstDifference", check.firstDifference);
        out.println(JSON.std.with(JSON.Feature.WRITE_NULL_PROPERTIES).asString(result));
        out.flush();
        if (check.equal < check.cases) {
            System.exit(1);
        }
    }

    private static Tokenizer tokenizer(Path path) throws IOException {
        if (!GgufFile.recognises(path)) {
            return Tokenizer.load(path);
        }
        try (GgufFile file = GgufFile.open(path)) {
            return GgufVocabulary.read(file.metadata(), path.toString());
        }
    }

    private static Map<String, String> options(String[] arguments) {
        Map<String, String> options = new LinkedHashMap<>();
        for (int i = 0; i + 1 < arguments.length; i++) {
            if (arguments[i].startsWith("--") && !arguments[i + 1].startsWith("--")) {
                options.put(arguments[i], arguments[i + 1]);
            }
        }
        return options;
    }

    private void run(Path casesFile, Path expected) throws IOException {
        String name = String.valueOf(expected.getFileName());
        if (!name.endsWith(".json")) {
            lines(casesFile, expected);
            return;
        }
        List<?> truth = (List<?>) JSON.std.anyFrom(Files.readAllBytes(expected));
        if (!truth.isEmpty() && ((Map<?, ?>) truth.getFirst()).containsKey("doc_sha256")) {
            documents(casesFile, truth);
            return;
        }
        List<?> texts = (List<?>) JSON.std.anyFrom(Files.readAllBytes(casesFile));
        requireSameSize(texts.size(), truth.size());
        for (int i = 0; i < texts.size(); i++) {
            String text = (String) texts.get(i);
            Map<?, ?> ids = (Map<?, ?>) truth.get(i);
            if (ids.containsKey("ids")) {
                compare(text, EncodeOptions.MARKUP, ids(ids.get("ids")));
            } else {
                compare(text, EncodeOptions.TEXT, ids(ids.get("ordinary")));
                compare(text, EncodeOptions.MARKUP, ids(ids.get("all_special")));
            }
        }
    }

    private void lines(Path casesFile, Path expected) throws IOException {
        List<String> texts = List.of(Files.readString(casesFile).split(SEPARATOR, -1));
        List<String> lines = List.of(Files.readString(expected).split("\n", -1));
        if (lines.size() == texts.size() + 1 && lines.getLast().isEmpty()) {
            lines = lines.subList(0, texts.size());
        }
        requireSameSize(texts.size(), lines.size());
        for (int i = 0; i < texts.size(); i++) {
            String line = lines.get(i).strip();
            int[] ids = line.isEmpty()
                    ? new int[0]
                    : Arrays.stream(line.split("\\s+"))
                            .mapToInt(Integer::parseInt)
                            .toArray();
            compare(texts.get(i), EncodeOptions.MARKUP, ids);
        }
    }

    private static void requireSameSize(int texts, int expected) {
        if (texts != expected) {
            throw new IllegalArgumentException(
                    "There are %d cases and %d expected results; both files must belong to each other"
                            .formatted(texts, expected));
        }
    }

    private void compare(String text, EncodeOptions options, int[] expected) {
        int[] found = tokenizer.encode(text, options);
        record(text, Arrays.equals(found, expected), expected, found);
    }

    private void record(String text, boolean same, Object expected, Object found) {
        if (same) {
            equal++;
        } else if (firstDifference == null) {
            Map<String, Object> difference = new LinkedHashMap<>();
            difference.put("case", cases);
            difference.put("text", text);
            difference.put("expected", expected);
            difference.put("found", found);
            firstDifference = difference;
        }
        cases++;
    }

    private void documents(Path casesFile, List<?> truth) throws IOException {
        Map<String, byte[]> documents = new LinkedHashMap<>();
        for (Path file : files(casesFile)) {
            byte[] bytes = Files.readAllBytes(file);
            documents.put(sha256(bytes), bytes);
        }
        for (Object element : truth) {
            Map<?, ?> document = (Map<?, ?>) element;
            byte[] bytes = documents.get(String.valueOf(document.get("doc_sha256")));
            if (bytes == null) {
                continue;
            }
            int[] ids = tokenizer.encode(new String(bytes, StandardCharsets.UTF_8), EncodeOptions.MARKUP);
            ByteBuffer hashed = ByteBuffer.allocate(Integer.BYTES * ids.length).order(ByteOrder.LITTLE_ENDIAN);
            hashed.asIntBuffer().put(ids);
            record(
                    String.valueOf(document.get("doc")),
                    sha256(hashed.array()).equals(document.get("ids_u32le_sha256")),
                    Map.of("tokens", document.get("tokens"), "first32", document.get("first32")),
                    Map.of("tokens", ids.length, "first32", Arrays.copyOf(ids, Math.min(32, ids.length))));
        }
        if (cases == 0) {
            throw new IllegalArgumentException("None of the documents asked about is in " + casesFile);
        }
    }

    private static List<Path> files(Path path) throws IOException {
        List<Path> files = new ArrayList<>();
        try (var walked = Files.walk(path)) {
            walked.filter(Files::isRegularFile).forEach(files::add);
        }
        return files;
    }

    private static int[] ids(@Nullable Object list) {
        return ((List<?>) Objects.requireNonNull(list))
                .stream().mapToInt(id -> (Integer) id).toArray();
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
