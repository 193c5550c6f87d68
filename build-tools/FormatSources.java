import com.palantir.javaformat.java.Formatter;
import com.palantir.javaformat.java.FormatterException;
import com.palantir.javaformat.java.JavaFormatterOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Formats the Java sources of every module, or says which ones are not formatted.
///
/// Usage: `FormatSources (check|fix) ROOT KNOWN`, where `ROOT` holds the module folders and the file `KNOWN` remembers the
/// hashes of formatted sources, so that a file is looked at again only when it has changed. Runs as a single-file program
/// on the JDK of the build, because the formatter parses with the compiler it runs on.
public final class FormatSources {

    private static final Formatter FORMATTER = Formatter.createFormatter(JavaFormatterOptions.builder()
            .style(JavaFormatterOptions.Style.PALANTIR)
            .build());

    private static final String MASK = "// markdown-";

    private enum Outcome {
        CLEAN,
        CHANGED,
        UNREADABLE
    }

    private record Result(Path file, Outcome outcome, String detail) {}

    private FormatSources() {}

    public static void main(String[] arguments) throws IOException {
        boolean fix = arguments[0].equals("fix");
        Path root = Path.of(arguments[1]);
        Path knownFile = Path.of(arguments[2]);
        Set<String> known = Files.exists(knownFile) ? Set.copyOf(Files.readAllLines(knownFile)) : Set.of();
        Set<String> formatted = new ConcurrentSkipListSet<>();
        List<Result> results = sources(root).parallelStream()
                .map(file -> format(file, fix, known, formatted))
                .filter(result -> result.outcome() != Outcome.CLEAN)
                .toList();
        Files.write(knownFile, formatted);
        for (Result result : results) {
            System.err.println((result.outcome() == Outcome.UNREADABLE ? "cannot format " : "not formatted ")
                    + root.relativize(result.file())
                    + result.detail());
        }
        boolean unreadable = results.stream().anyMatch(result -> result.outcome() == Outcome.UNREADABLE);
        if (!results.isEmpty() && !fix) {
            System.err.println("Format the sources with: ./mvnw -q -Dformat");
        }
        System.exit(unreadable || (!fix && !results.isEmpty()) ? 1 : 0);
    }

    private static List<Path> sources(Path root) throws IOException {
        try (Stream<Path> folders = Files.list(root)) {
            return folders.filter(folder -> Files.exists(folder.resolve("pom.xml")) || folder.endsWith("build-tools"))
                    .map(folder -> folder.endsWith("build-tools") ? folder : folder.resolve("src"))
                    .filter(Files::isDirectory)
                    .flatMap(FormatSources::javaFiles)
                    .sorted()
                    .toList();
        }
    }

    private static Stream<Path> javaFiles(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            // Fixtures among the resources are data, not code.
            return files
                    .filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> !file.toString().replace('\\', '/').contains("/resources/"))
                    .toList()
                    .stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Result format(Path file, boolean fix, Set<String> known, Set<String> formatted) {
        try {
            String source = Files.readString(file);
            String hash = hash(source);
            if (known.contains(hash)) {
                formatted.add(hash);
                return new Result(file, Outcome.CLEAN, "");
            }
            String result = formatted(source);
            if (result.equals(source)) {
                formatted.add(hash);
                return new Result(file, Outcome.CLEAN, "");
            }
            if (fix) {
                Files.writeString(file, result);
                formatted.add(hash(result));
                return new Result(file, Outcome.CHANGED, ": formatted now");
            }
            return new Result(file, Outcome.CHANGED, "");
        } catch (FormatterException e) {
            return new Result(file, Outcome.UNREADABLE, ": " + e.getMessage());
        } catch (IOException e) {
            throw new UncheckedIOException(file.toString(), e);
        }
    }

    private static String hash(String source) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(source.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /// The formatter wraps long comment lines, which breaks Markdown (tables, code) and even drops the `///` of the
    /// wrapped rest. So it sees a short comment in place of each such line, and the line's own text comes back after.
    private static String formatted(String source) throws FormatterException {
        List<String> markdown = new ArrayList<>();
        String masked = source.lines()
                .map(line -> {
                    String text = line.strip();
                    if (!text.startsWith("///")) {
                        return line;
                    }
                    markdown.add(text);
                    return line.substring(0, line.indexOf("///")) + MASK + (markdown.size() - 1);
                })
                .collect(Collectors.joining("\n", "", "\n"));
        return FORMATTER
                .formatSourceAndFixImports(masked)
                .lines()
                .map(line -> {
                    String text = line.strip();
                    if (!text.startsWith(MASK)) {
                        return line;
                    }
                    int number = Integer.parseInt(text.substring(MASK.length()));
                    return line.substring(0, line.indexOf(MASK)) + markdown.get(number);
                })
                .collect(Collectors.joining("\n", "", "\n"));
    }
}
