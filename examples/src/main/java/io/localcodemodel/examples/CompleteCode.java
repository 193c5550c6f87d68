package io.localcodemodel.examples;

import io.localcodemodel.inference.CodeModel;
import io.localcodemodel.inference.Completion;
import io.localcodemodel.inference.Generation;
import io.localcodemodel.inference.GenerationOptions;
import io.localcodemodel.inference.Session;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Completes code with a saved model: once for a prompt or a file, or again and again for what is typed.
///
/// Everything here goes through the public API. Completions are shown as they are written; they go to standard output,
/// everything else to standard error.
@Command(
        name = "CompleteCode",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Completes code with a model that was saved before, for instance by TrainCodeModel.")
public final class CompleteCode implements Callable<Integer> {
    private static final String HELP = """
        Type code; the model continues it. What you type next follows what the model wrote.
          a line that ends in \\    more lines follow before the model continues
          an empty line            the model goes on
          :new                     begin a new text
          :file PATH               add the text of a file and complete it
          :quit                    leave (so does the end of the input)
        """;

    @Spec
    private CommandLine.Model.@Nullable CommandSpec spec;

    @Parameters(
            arity = "0..1",
            paramLabel = "MODEL",
            defaultValue = "runs/java-code-model",
            description = "the model's folder, default ${DEFAULT-VALUE}")
    private Path folder = Path.of("");

    @Option(names = "--prompt", paramLabel = "TEXT", description = "complete this text and end")
    private @Nullable String prompt;

    @Option(names = "--file", description = "complete the text of this file and end")
    private @Nullable Path file;

    @Option(
            names = "--gap",
            paramLabel = "MARK",
            description = "fill the place of this mark in the prompt or file instead of completing its end")
    private @Nullable String gap;

    @Option(
            names = "--tokens",
            defaultValue = "128",
            paramLabel = "N",
            description = "the most new tokens, default ${DEFAULT-VALUE}")
    private int tokens;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            description = "0 takes the most likely token each time; default: what the model's folder suggests")
    private @Nullable Float temperature;

    @Option(names = "--top-p", paramLabel = "P", description = "draw among the most likely tokens of this share")
    private @Nullable Float topP;

    @Option(names = "--seed", paramLabel = "N", description = "another seed draws other tokens")
    private @Nullable Long seed;

    @Option(names = "--stop", paramLabel = "TEXT", description = "end before this text; may be given repeatedly")
    private List<String> stops = new ArrayList<>();

    private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    private final PrintStream notes = new PrintStream(System.err, true, StandardCharsets.UTF_8);

    /// Runs the program.
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new CompleteCode()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException {
        try (CodeModel code = CodeModel.load(folder)) {
            GenerationOptions options = options(code);
            String text = prompt != null ? prompt : file != null ? Files.readString(file) : null;
            if (text == null) {
                converse(code, options);
            } else if (gap == null) {
                show(code.stream(text, options));
            } else {
                int at = text.indexOf(gap);
                if (at < 0) {
                    throw refused("--gap: the text does not contain " + gap);
                }
                show(code.streamInfill(text.substring(0, at), text.substring(at + gap.length()), options));
            }
            return 0;
        } catch (IOException | IllegalArgumentException | UnsupportedOperationException problem) {
            notes.println(problem.getMessage());
            return 1;
        }
    }

    private GenerationOptions options(CodeModel code) {
        GenerationOptions suggested = code.suggestedOptions(tokens);
        GenerationOptions.Builder options = suggested.toBuilder().stopStrings(stops.toArray(String[]::new));
        if (temperature != null) {
            options.temperature(temperature);
        } else if (suggested.sampling().greedy() && (topP != null || seed != null)) {
            options.temperature(1);
        }
        if (topP != null) {
            options.topP(topP);
        }
        if (seed != null) {
            options.seed(seed);
        }
        return options.build();
    }

    private void converse(CodeModel code, GenerationOptions options) throws IOException {
        notes.printf(
                Locale.ROOT,
                "%s: %,d parameters, %d tokens of context%n%s",
                folder,
                code.transformer().parameterCount(),
                code.contextLength(),
                HELP);
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        Session session = code.session();
        for (String typed = read(input); typed != null && !typed.equals(":quit"); typed = read(input)) {
            if (typed.equals(":new")) {
                session.close();
                session = code.session();
                continue;
            }
            try {
                session.append(
                        typed.startsWith(":file ")
                                ? Files.readString(Path.of(typed.substring(6).strip()))
                                : typed);
                show(session.stream(options));
            } catch (IOException unreadable) {
                notes.println("cannot read that file: " + unreadable.getMessage());
            } catch (IllegalArgumentException refused) {
                notes.println(refused.getMessage());
            }
        }
        session.close();
    }

    /// What is typed up to a line that does not end in a backslash; null at the end of the input.
    private @Nullable String read(BufferedReader input) throws IOException {
        notes.print("> ");
        String line = input.readLine();
        StringBuilder text = new StringBuilder();
        while (line != null && line.endsWith("\\")) {
            text.append(line, 0, line.length() - 1).append('\n');
            notes.print("| ");
            line = input.readLine();
        }
        return line == null && text.isEmpty()
                ? null
                : text.append(line == null ? "" : line).toString();
    }

    /// Prints a completion while it is written, then how it went.
    private void show(Generation generation) {
        try (generation) {
            generation.forEachRemaining(piece -> {
                out.print(piece);
                out.flush();
            });
            out.println();
            Completion completion = generation.completion();
            notes.printf(
                    Locale.ROOT,
                    "[%d prompt tokens, %d of them known, in %d ms; %d new tokens, %.0f a second; ended by %s]%n",
                    completion.promptTokens(),
                    completion.reusedTokens(),
                    completion.timing().prefill().toMillis(),
                    completion.tokens().size(),
                    completion.tokensPerSecond(),
                    completion.finish().label());
        }
    }

    private ParameterException refused(String message) {
        return new ParameterException(java.util.Objects.requireNonNull(spec).commandLine(), message);
    }
}
