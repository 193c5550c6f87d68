package io.localcodemodel.benchmarks;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.EncodingType;
import io.localcodemodel.tokenizer.BpeTrainer;
import io.localcodemodel.tokenizer.EncodeOptions;
import io.localcodemodel.tokenizer.Tokenizer;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;
import tools.jackson.jr.ob.JSON;

/// Speed of encoding and of training beside jtokkit and the Hugging Face library.
///
/// ```text
/// benchmarks/run TokenizerPeers --peers [--quick] [--text FILE] [--qwen3 tokenizer.json] [--llama2 tokenizer.model]
/// ```
///
/// Of the vocabularies that need no file, `deepseekCoder` is GPT-2's with the splitter of DeepSeek Coder, `wordPiece` is
/// trained on the Java sources, and `unigram` made of pieces learned from them ([PeerVocabularies]).
///
/// The text is 20 MB of the Java sources that come with the JDK, file by file, and `--text` if given. All rounds of
/// all libraries take turns in one process, and each figure is that of the best round, so that a busy machine harms
/// all alike. How much faster two threads are is the median over the rounds, beside what two threads gain that share
/// nothing ([TokenizerScaling]). Megabytes are millions of UTF-8 bytes.
public final class TokenizerPeers {

    private static final int JAVA_BYTES = 20_000_000;
    private static final int QUICK_BYTES = 5_000_000;
    private static final int WORST_CASE_BYTES = 1_000_000;
    /// The Hugging Face library is given every so many of the texts, since it is slow.
    private static final int HUGGING_FACE_SHARE = 16;

    private final PrintStream out = System.out;
    private final boolean quick;
    private final int rounds;
    private final Map<String, Object> encode = new LinkedHashMap<>();
    private final Map<String, Object> train = new LinkedHashMap<>();
    private final Map<String, Object> worstCases = new LinkedHashMap<>();

    private TokenizerPeers(boolean quick) {
        this.quick = quick;
        this.rounds = quick ? 4 : 8;
    }

    /// Runs everything, prints a report and ends it with one JSON object.
    public static void main(String[] arguments) throws Exception {
        List<String> given = List.of(arguments);
        new TokenizerPeers(given.contains("--quick")).run(given);
    }

    private static @Nullable Path option(List<String> arguments, String name) {
        int at = arguments.indexOf(name);
        return at >= 0 && at + 1 < arguments.size() ? Path.of(arguments.get(at + 1)) : null;
    }

    private void run(List<String> given) throws Exception {
        Path textFile = option(given, "--text");
        Corpus java = new Corpus("java", javaSources(quick ? QUICK_BYTES : JAVA_BYTES));
        List<Corpus> corpora = new ArrayList<>(List.of(java));
        if (textFile != null) {
            corpora.add(new Corpus("text", paragraphs(Files.readString(textFile))));
        }
        Path folder = Files.createTempDirectory("tokenizer-peers");
        try {
            Tokenizer gpt2 = PeerVocabularies.openAi("r50k_base", folder);
            Tokenizer cl100k = PeerVocabularies.openAi("cl100k_base", folder);
            Tokenizer o200k = PeerVocabularies.openAi("o200k_base", folder);
            encodeAll(corpora, "gpt2", gpt2, EncodingType.R50K_BASE, folder);
            encodeAll(corpora, "cl100k", cl100k, EncodingType.CL100K_BASE, folder);
            encodeAll(corpora, "o200k", o200k, EncodingType.O200K_BASE, folder);
            Tokenizer deepSeek = PeerVocabularies.withSplitter("deepseek-coder", gpt2);
            encodeAll(corpora, "deepseekCoder", deepSeek, null, folder);
            encodeAll(corpora, "wordPiece", PeerVocabularies.wordPiece(java.texts()), null, folder);
            encodeAll(corpora, "unigram", PeerVocabularies.unigram(java.texts()), null, folder);
            for (String name : List.of("qwen3", "llama2")) {
                Path file = option(given, "--" + name);
                if (file != null) {
                    encodeAll(corpora, name, Tokenizer.load(file), null, folder);
                }
            }
            worstCases(cl100k);
        } finally {
            deleteAll(folder);
        }
        trainAll(java);
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("encode", encode);
        result.put("train", train);
        result.put("worstCaseSlowdown", worstCases);
        out.println(JSON.std.asString(result));
    }

    private void encodeAll(
            List<Corpus> corpora, String name, Tokenizer ours, @Nullable EncodingType jtokkit, Path folder)
            throws IOException {
        Path file = folder.resolve(name + ".json");
        ours.save(file);
        Tokenizer twin = Tokenizer.load(file);
        com.knuddels.jtokkit.api.Encoding peer =
                jtokkit == null ? null : Encodings.newLazyEncodingRegistry().getEncoding(jtokkit);
        try (HuggingFaceTokenizer huggingFace =
                HuggingFaceTokenizer.newInstance(file, Map.of("truncation", "false", "padding", "false"))) {
            for (Corpus corpus : corpora) {
                String key = corpus.name().equals("java") ? name : name + "-" + corpus.name();
                encode.put(key, encode(key, corpus, ours, twin, peer, huggingFace));
            }
        }
    }

    private Map<String, Object> encode(
            String key,
            Corpus corpus,
            Tokenizer ours,
            Tokenizer twin,
            com.knuddels.jtokkit.api.@Nullable Encoding jtokkit,
            HuggingFaceTokenizer huggingFace) {
        Corpus few = corpus.everyNth(HUGGING_FACE_SHARE);
        check(few, ours, jtokkit, huggingFace);
        Best one = new Best();
        Best two = new Best();
        Best jtokkitOne = new Best();
        Best huggingFaceOne = new Best();
        TokenizerScaling scaling = new TokenizerScaling(ours, twin, corpus.texts());
        for (int round = 0; round < rounds; round++) {
            one.time(() -> corpus.texts().forEach(ours::encode));
            two.time(() -> ours.encodeBatch(corpus.texts(), EncodeOptions.TEXT, 2));
            scaling.round();
            if (jtokkit != null) {
                jtokkitOne.time(() -> corpus.texts().forEach(jtokkit::encodeOrdinary));
            }
            if (round < 3) {
                huggingFaceOne.time(() -> few.texts().forEach(text -> huggingFace.encode(text, false, false)));
            }
        }
        double speed = one.megabytesPerSecond(corpus.bytes());
        double huggingFaceSpeed = huggingFaceOne.megabytesPerSecond(few.bytes());
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("megabytesPerSecond", round(speed));
        figures.put("megabytesPerSecondTwoThreads", round(two.megabytesPerSecond(corpus.bytes())));
        figures.put("scaling", round(scaling.median()));
        figures.put("scalingOfTwoTokenizers", round(scaling.machineMedian()));
        if (jtokkit != null) {
            figures.put("jtokkitMegabytesPerSecond", round(jtokkitOne.megabytesPerSecond(corpus.bytes())));
            figures.put("ratioToJtokkit", round(speed / jtokkitOne.megabytesPerSecond(corpus.bytes())));
        }
        figures.put("huggingFaceMegabytesPerSecond", round(huggingFaceSpeed));
        figures.put("ratioToHuggingFace", round(speed / huggingFaceSpeed));
        out.println("encode " + key + " " + figures);
        return figures;
    }

    /// A library that gives other tokens would not be a peer.
    private static void check(
            Corpus corpus,
            Tokenizer ours,
            com.knuddels.jtokkit.api.@Nullable Encoding jtokkit,
            HuggingFaceTokenizer huggingFace) {
        for (String text : corpus.texts()) {
            int[] ids = ours.encode(text);
            if (jtokkit != null
                    && !Arrays.equals(ids, jtokkit.encodeOrdinary(text).toArray())) {
                throw new IllegalStateException("jtokkit gives other tokens for: " + beginning(text));
            }
            long[] theirs = huggingFace.encode(text, false, false).getIds();
            if (!Arrays.equals(Arrays.stream(ids).asLongStream().toArray(), theirs)) {
                throw new IllegalStateException("The Hugging Face library gives %d tokens, not these %d, for: %s"
                        .formatted(theirs.length, ids.length, beginning(text)));
            }
        }
    }

    private static String beginning(String text) {
        return text.substring(0, Math.min(200, text.length()));
    }

    private void worstCases(Tokenizer tokenizer) throws IOException {
        Corpus java = new Corpus("java", javaSources(WORST_CASE_BYTES));
        byte[] random = new byte[WORST_CASE_BYTES];
        new Random(1).nextBytes(random);
        Map<Corpus, Best> cases = new LinkedHashMap<>();
        cases.put(one("letters", "a".repeat(WORST_CASE_BYTES)), new Best());
        cases.put(one("spaces", " ".repeat(WORST_CASE_BYTES)), new Best());
        cases.put(one("lines", "\n".repeat(WORST_CASE_BYTES)), new Best());
        cases.put(one("braces", "}".repeat(WORST_CASE_BYTES)), new Best());
        cases.put(one("emoji", "😀".repeat(WORST_CASE_BYTES / 4)), new Best());
        cases.put(one("randomBytes", new String(random, StandardCharsets.UTF_8)), new Best());
        Best normal = new Best();
        for (int round = 0; round < rounds; round++) {
            normal.time(() -> java.texts().forEach(tokenizer::encode));
            cases.forEach((corpus, best) -> best.time(() -> corpus.texts().forEach(tokenizer::encode)));
        }
        double speed = normal.megabytesPerSecond(java.bytes());
        cases.forEach((corpus, best) ->
                worstCases.put(corpus.name(), round(speed / best.megabytesPerSecond(corpus.bytes()))));
        out.println("times slower per byte than Java code: " + worstCases);
    }

    private void trainAll(Corpus java) {
        for (int size : new int[] {4_000, 32_000}) {
            Best best = new Best();
            for (int round = 0; round < (quick ? 2 : 3); round++) {
                best.time(() -> BpeTrainer.builder()
                        .vocabularySize(size)
                        .workers(2)
                        .build()
                        .train(java.texts()));
            }
            Map<String, Object> figures = new LinkedHashMap<>();
            figures.put("seconds", round(best.seconds()));
            figures.put("firstSeconds", round(best.firstSeconds()));
            train.put(String.valueOf(size), figures);
            out.println("train " + size + " on " + java.bytes() + " bytes " + figures);
        }
    }

    private static List<String> javaSources(int wanted) throws IOException {
        Path archive = Path.of(System.getProperty("java.home"), "lib", "src.zip");
        List<String> texts = new ArrayList<>();
        int bytes = 0;
        try (ZipFile zip = new ZipFile(archive.toFile())) {
            List<ZipEntry> entries = new ArrayList<>();
            zip.stream()
                    .filter(entry -> entry.getName().startsWith("java.base/java/")
                            && entry.getName().endsWith(".java"))
                    .sorted(Comparator.comparing(ZipEntry::getName))
                    .forEach(entries::add);
            for (ZipEntry entry : entries) {
                byte[] content = zip.getInputStream(entry).readAllBytes();
                texts.add(new String(content, StandardCharsets.UTF_8));
                bytes += content.length;
                if (bytes >= wanted) {
                    break;
                }
            }
        }
        return texts;
    }

    private static List<String> paragraphs(String text) {
        List<String> parts = new ArrayList<>();
        for (int at = 0; at < text.length(); ) {
            int end = text.indexOf('\n', Math.min(text.length(), at + 20_000));
            end = end < 0 ? text.length() : end + 1;
            parts.add(text.substring(at, end));
            at = end;
        }
        return parts;
    }

    private static Corpus one(String name, String text) {
        return new Corpus(name, List.of(text));
    }

    private static double round(double value) {
        return Math.round(value * 100) / 100.0;
    }

    private static void deleteAll(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private record Corpus(String name, List<String> texts) {

        long bytes() {
            return texts.stream()
                    .mapToLong(text -> text.getBytes(StandardCharsets.UTF_8).length)
                    .sum();
        }

        Corpus everyNth(int n) {
            List<String> some = new ArrayList<>();
            for (int i = 0; i < texts.size(); i += n) {
                some.add(texts.get(i));
            }
            return new Corpus(name, some);
        }
    }

    /// The shortest of several times, and the first.
    private static final class Best {

        private long nanos = Long.MAX_VALUE;
        private long firstNanos = -1;

        void time(Runnable work) {
            long start = System.nanoTime();
            work.run();
            long taken = System.nanoTime() - start;
            nanos = Math.min(nanos, taken);
            if (firstNanos < 0) {
                firstNanos = taken;
            }
        }

        double seconds() {
            return nanos / 1e9;
        }

        double firstSeconds() {
            return firstNanos / 1e9;
        }

        double megabytesPerSecond(long bytes) {
            return bytes * 1e3 / nanos;
        }
    }
}
