package io.localcodemodel.benchmarks;

import com.sun.management.ThreadMXBean;
import io.localcodemodel.inference.CodeModel;
import io.localcodemodel.inference.Completion;
import io.localcodemodel.inference.GenerationOptions;
import io.localcodemodel.inference.Session;
import io.localcodemodel.model.GgufModel;
import io.localcodemodel.model.Transformer;
import io.localcodemodel.model.TransformerConfig;
import io.localcodemodel.tensor.format.BlockFormat;
import io.localcodemodel.tensor.kernel.Kernels;
import io.localcodemodel.tokenizer.CharacterTokenizer;
import io.localcodemodel.tokenizer.Tokenizer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.jr.ob.JSON;

/// How fast prompts are read and tokens written: random weights in the sizes of known models, through the public API.
///
/// Prefill is the prompt's tokens over the time until its last logits; decode is new tokens over the time after that,
/// greedy sampling over the whole vocabulary included. Weight bytes a second are what decoding reads of the weights, each once a token; prefill GFLOP/s
/// count two operations for each weight and token, without attention. With `--format` the weights lie in a mapped GGUF
/// file in that format, without it in arrays of floats.
public final class DecodingSpeed {
    private static final String USAGE = """
        Usage: benchmarks/run DecodingSpeed [--quick] [--sizes 15M,110M,135M,500M] [--format F32|...|Q6_K]
            [--workers N] [--rounds N]
        """;
    private static final int DECODED = 128;

    /// The shape of a known model.
    ///
    /// @param prompt tokens of the prompt
    private record Size(
            String name, int layers, int width, int heads, int kvHeads, int feedForward, int vocabulary, int prompt) {
        TransformerConfig config() {
            return TransformerConfig.llama()
                    .vocabularySize(vocabulary)
                    .contextLength(1024)
                    .layers(layers)
                    .width(width)
                    .heads(heads)
                    .kvHeads(kvHeads)
                    .feedForwardWidth(feedForward)
                    .build();
        }
    }

    private static final List<Size> SIZES = List.of(
            new Size("15M", 6, 288, 6, 6, 768, 32000, 256),
            new Size("110M", 12, 768, 12, 12, 2048, 32000, 512),
            new Size("135M", 30, 576, 9, 3, 1536, 49152, 512),
            new Size("500M", 24, 896, 14, 2, 4864, 151936, 512));

    /// What one round measured.
    private record Round(double prefill, double decode, double bytesPerToken) {}

    private DecodingSpeed() {}

    /// Runs the benchmark.
    public static void main(String[] arguments) throws IOException {
        List<String> sizes = List.of("15M", "110M", "135M");
        int workers = Runtime.getRuntime().availableProcessors();
        int rounds = 5;
        BlockFormat format = null;
        for (int i = 0; i < arguments.length; i++) {
            boolean last = i + 1 == arguments.length;
            if (arguments[i].equals("--quick")) {
                sizes = List.of("15M");
                rounds = 3;
            } else if (arguments[i].equals("--sizes") && !last) {
                sizes = Arrays.asList(arguments[++i].split(",", -1));
            } else if (arguments[i].equals("--format") && !last) {
                format = BlockFormat.valueOf(arguments[++i]);
            } else if (arguments[i].equals("--workers") && !last) {
                workers = Integer.parseInt(arguments[++i]);
            } else if (arguments[i].equals("--rounds") && !last) {
                rounds = Integer.parseInt(arguments[++i]);
            } else {
                System.err.print(USAGE);
                System.exit(2);
            }
        }
        System.out.printf(
                Locale.ROOT,
                "%s, %d workers, Java %s, %s%n%n%5s %12s %14s %8s %14s %7s %9s%n",
                Kernels.fastest().name(),
                workers,
                Runtime.version(),
                format == null ? "floats in arrays" : format + " in a mapped file",
                "size",
                "parameters",
                "prefill tok/s",
                "GFLOP/s",
                "decode tok/s",
                "GB/s",
                "B/token");
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("benchmark", "DecodingSpeed");
        report.put("kernels", Kernels.fastest().name());
        report.put("workers", workers);
        report.put("java", Runtime.version().toString());
        report.put("format", format == null ? "array" : format.name());
        List<Map<String, Object>> results = new ArrayList<>();
        report.put("results", results);
        for (Size size : SIZES) {
            if (sizes.contains(size.name)) {
                results.add(measure(size, format, workers, rounds));
            }
        }
        System.out.println();
        System.out.println(JSON.std.asString(report));
    }

    private static Map<String, Object> measure(Size size, @Nullable BlockFormat format, int workers, int rounds)
            throws IOException {
        Transformer transformer = Transformer.initialise(size.config(), 1);
        if (format == null) {
            return measure(size, transformer, Float.BYTES, workers, rounds);
        }
        Path file = Files.createTempFile("decoding-speed", ".gguf");
        try {
            GgufModel.save(file, transformer, format, Map.of());
            try (GgufModel mapped = GgufModel.open(file)) {
                double bytes = (double) format.blockBytes() / format.blockElements();
                return measure(size, mapped.transformer(), bytes, workers, rounds);
            }
        } finally {
            Files.delete(file);
        }
    }

    private static Map<String, Object> measure(
            Size size, Transformer transformer, double bytesPerWeight, int workers, int rounds) {
        Tokenizer tokenizer = tokenizer(size.vocabulary);
        List<Round> measured = new ArrayList<>();
        try (CodeModel code = CodeModel.builder().workers(workers).of(transformer, tokenizer)) {
            for (int round = -1; round < rounds; round++) {
                Round result = round(code, size);
                if (round >= 0) {
                    measured.add(result);
                }
            }
        }
        double[] prefill =
                measured.stream().mapToDouble(Round::prefill).sorted().toArray();
        double[] decode = measured.stream().mapToDouble(Round::decode).sorted().toArray();
        double allocated =
                measured.stream().mapToDouble(Round::bytesPerToken).min().orElse(0);
        long weights = transformer.parameterCount();
        double flops = 2.0 * (weights - (long) size.vocabulary * size.width);
        double bestPrefill = prefill[rounds - 1];
        double bestDecode = decode[rounds - 1];
        System.out.printf(
                Locale.ROOT,
                "%5s %12d %6.0f [%5.0f] %8.1f %6.1f [%5.1f] %7.1f %9.0f%n",
                size.name,
                weights,
                prefill[rounds / 2],
                bestPrefill,
                bestPrefill * flops / 1e9,
                decode[rounds / 2],
                bestDecode,
                bestDecode * weights * bytesPerWeight / 1e9,
                allocated);
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("size", size.name);
        result.put("parameters", weights);
        result.put("promptTokens", size.prompt);
        result.put("newTokens", DECODED);
        result.put("prefillTokensPerSecond", rounded(prefill[rounds / 2]));
        result.put("bestPrefillTokensPerSecond", rounded(bestPrefill));
        result.put("decodeTokensPerSecond", rounded(decode[rounds / 2]));
        result.put("bestDecodeTokensPerSecond", rounded(bestDecode));
        result.put("allocatedBytesPerToken", Math.round(allocated));
        return result;
    }

    /// As many tokens as the model's vocabulary has rows, since sampling looks at each of them: characters, and the two
    /// tokens that a vocabulary of characters begins with.
    private static Tokenizer tokenizer(int vocabulary) {
        StringBuilder characters = new StringBuilder();
        for (int i = 2; i < vocabulary; i++) {
            characters.appendCodePoint(Character.MIN_SUPPLEMENTARY_CODE_POINT + i);
        }
        return CharacterTokenizer.of(characters.toString());
    }

    private static double rounded(double value) {
        return Math.round(value * 10) / 10.0;
    }

    private static Round round(CodeModel code, Size size) {
        int[] prompt = new int[size.prompt];
        int tokens = code.tokenizer().vocabularySize();
        Arrays.setAll(prompt, i -> 2 + i * 7 % (tokens - 2));
        try (Session session = code.session()) {
            session.appendTokens(prompt);
            double prefill = session.complete(options(1)).timing().prefill().toNanos();
            // Room for the rest of the keys and values is made here, outside of what is counted.
            session.complete(options(DECODED / 2));
            long before = allocated();
            Completion completion = session.complete(options(DECODED));
            double bytes = allocated() - before;
            return new Round(
                    size.prompt * 1e9 / prefill,
                    completion.tokensPerSecond(),
                    bytes / completion.tokens().size());
        }
    }

    private static GenerationOptions options(int maximumTokens) {
        return GenerationOptions.builder()
                .maximumTokens(maximumTokens)
                .ignoringEndOfText()
                .build();
    }

    private static long allocated() {
        return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getTotalThreadAllocatedBytes();
    }
}
