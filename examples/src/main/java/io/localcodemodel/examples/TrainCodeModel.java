package io.localcodemodel.examples;

import io.localcodemodel.inference.CodeModel;
import io.localcodemodel.inference.Completion;
import io.localcodemodel.inference.FinishReason;
import io.localcodemodel.inference.GenerationOptions;
import io.localcodemodel.model.ModelFormatException;
import io.localcodemodel.model.Transformer;
import io.localcodemodel.tensor.Compute;
import io.localcodemodel.tokenizer.BpeTrainer;
import io.localcodemodel.tokenizer.Tokenizer;
import io.localcodemodel.tokenizer.TokenizerFormatException;
import io.localcodemodel.training.Checkpoints;
import io.localcodemodel.training.Corpus;
import io.localcodemodel.training.CorpusBuilder;
import io.localcodemodel.training.CorpusException;
import io.localcodemodel.training.Documents;
import io.localcodemodel.training.Evaluation;
import io.localcodemodel.training.Trainer;
import io.localcodemodel.training.TrainingEvent;
import io.localcodemodel.training.TrainingException;
import io.localcodemodel.training.TrainingResult;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.jr.ob.JSON;

/// The main job: trains a tokenizer and a small decoder on Java sources, saves them, loads them again and completes
/// code that the model has never seen.
///
/// Everything here goes through the public API. The report goes to standard output, the progress bar to standard error;
/// the last line of standard output is one JSON object with the figures.
@Command(
        name = "TrainCodeModel",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        showDefaultValues = true,
        description = "Trains a code model on Java sources, by default those of this JDK, and completes code with it.")
public final class TrainCodeModel implements Callable<Integer> {
    /// What is read of the JDK's `src.zip`: the packages that Java programmers use every day.
    private static final String[] JDK_SOURCES = {
        "java.base/java/util/**/*.java", "java.base/java/lang/**/*.java", "java.base/java/io/**/*.java",
        "java.base/java/nio/**/*.java", "java.base/java/time/**/*.java", "java.base/java/text/**/*.java",
        "java.base/java/net/**/*.java"
    };
    /// A file is held out when the hash of its path is 0 modulo this.
    private static final int HELD_OUT_MODULUS = 20;
    private static final String TOKENIZER = "tokenizer.json";
    /// What a folder with a model holds at least one of.
    private static final List<String> MODEL_FILES =
            List.of("config.json", "model.safetensors", "model.safetensors.index.json");
    /// The held-out files that the curve during training is measured on.
    private static final int SAMPLE = 12;
    /// The line that a completion starts after: the head of a method.
    private static final Pattern METHOD = Pattern.compile(
            "\\n {4}(?:public|protected|private|static)[^\\n;{}=]*\\([^\\n;{}=]*\\)[^\\n;{}=]*\\{(?=\\n)");

    @Option(
            names = "--sources",
            arity = "1..*",
            paramLabel = "PATH",
            description = "folders, .zip or .jar files, single files, or globs such as 'src/**/*.java' to learn from;"
                    + " default: java.util, lang, io, nio, time, text and net of the JDK's own src.zip")
    private List<String> sources = List.of();

    @Option(names = "--minutes", description = "how long to train")
    private double minutes = 5;

    @Option(names = "--model", paramLabel = "FOLDER", description = "where the model and its checkpoints go")
    private Path folder = Path.of("runs", "java-code-model");

    @Option(names = "--resume", description = "go on with the run in that folder where it stopped")
    private boolean resume;

    @Option(names = "--seed", description = "seed of the weights and of the order of the data")
    private long seed = 42;

    @Option(names = "--workers", description = "threads that compute")
    private int workers = Runtime.getRuntime().availableProcessors();

    @Mixin
    private Recipe recipe = new Recipe();

    @Option(names = "--profile", description = "print where the time and the memory went, operation by operation")
    private boolean profiled;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before call()
    private CommandSpec command;

    private final PrintStream out = System.out;
    private final StopOnInterrupt interrupts = new StopOnInterrupt();

    /// Runs the job.
    public static void main(String[] arguments) {
        Locale.setDefault(Locale.ROOT);
        System.exit(new CommandLine(new TrainCodeModel())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(arguments));
    }

    @Override
    public Integer call() {
        try {
            return trainAndComplete();
        } catch (CorpusException
                | TrainingException
                | IllegalArgumentException
                | ModelFormatException
                | TokenizerFormatException e) {
            System.err.println(e.getMessage());
            return 1;
        } catch (IOException e) {
            System.err.println("--model " + folder + ": its files cannot be read or written: " + e);
            return 1;
        } finally {
            interrupts.saved();
        }
    }

    /// Refuses to write over a model that is no earlier state of this run.
    private void requireFree() {
        boolean trained = checkpoints().latest().isPresent();
        if (trained && !resume) {
            throw new IllegalArgumentException("--model " + folder + ": a model was trained there already. Go on with"
                    + " it with --resume, or name another folder.");
        }
        if (!trained && MODEL_FILES.stream().map(folder::resolve).anyMatch(Files::exists)) {
            throw new IllegalArgumentException("--model " + folder + ": there is a model in this folder, but no"
                    + " checkpoint to go on from. Name another folder.");
        }
    }

    private int trainAndComplete() throws IOException {
        requireFree();
        BpeTrainer vocabulary = BpeTrainer.builder()
                .vocabularySize(recipe.vocabulary())
                .workers(workers)
                .build();
        Corpus corpus = corpus();
        out.printf(
                "corpus      %d files to learn from (%.1f MB), %d held out (%.2f MB)%n",
                corpus.training().size(),
                corpus.training().bytes() / 1e6,
                corpus.validation().size(),
                corpus.validation().bytes() / 1e6);
        Tokenizer tokenizer = tokenizer(vocabulary, corpus);
        Transformer model = Transformer.initialise(recipe.config(tokenizer.vocabularySize()), seed);
        out.printf(
                "model       %,d parameters: %d layers, width %d, %d heads, context %d%n",
                model.parameterCount(), recipe.layers, recipe.width, recipe.heads, recipe.context);

        TrainingProgress progress = new TrainingProgress(out);
        TrainingResult result;
        try (Compute compute = Compute.create(workers)) {
            Trainer trainer = trainer(model, tokenizer, corpus, compute, progress);
            Files.createDirectories(folder);
            tokenizer.save(folder.resolve(TOKENIZER));
            interrupts.stop(trainer::stop);
            try (progress) {
                result = trainer.run();
            }
            CodeModel.save(folder, model, tokenizer);
            if (result.reason() == TrainingEvent.FinishReason.STOPPED || !interrupts.ignore()) {
                return stopped(result);
            }
            report(model, tokenizer, corpus, compute, progress, result);
        }
        return 0;
    }

    // ---------------------------------------------------------------- the parts

    private Corpus corpus() {
        CorpusBuilder builder = Corpus.builder();
        if (sources.isEmpty()) {
            builder.add(jdkSources(), JDK_SOURCES);
        }
        for (String source : sources) {
            int glob = source.replace('\\', '/').indexOf('*');
            if (glob < 0) {
                builder.add(
                        Path.of(source),
                        Files.isDirectory(Path.of(source)) || isArchive(source)
                                ? new String[] {"**/*.java"}
                                : new String[0]);
            } else {
                int slash = source.lastIndexOf('/', glob);
                builder.add(Path.of(slash < 0 ? "." : source.substring(0, slash)), source.substring(slash + 1));
            }
        }
        Corpus all = builder.skipUnusable().build();
        for (Corpus.Skipped skipped : all.skipped()) {
            out.printf("skipped     %s: %s%n", skipped.path(), skipped.reason());
        }
        return all.training().size() < 5 * HELD_OUT_MODULUS ? all.split(0.9) : all.splitByPathHash(HELD_OUT_MODULUS);
    }

    private static boolean isArchive(String source) {
        return source.endsWith(".zip") || source.endsWith(".jar");
    }

    private Path jdkSources() {
        Path archive = Path.of(System.getProperty("java.home"), "lib", "src.zip");
        if (!Files.isRegularFile(archive)) {
            throw new CommandLine.ParameterException(
                    command.commandLine(),
                    "this JDK comes without its sources: there is no " + archive
                            + "; install the JDK's source package, or name your own with --sources FOLDER");
        }
        return archive;
    }

    /// Learns a vocabulary, or reads the one that an earlier part of the run learnt.
    private Tokenizer tokenizer(BpeTrainer vocabulary, Corpus corpus) throws IOException {
        Path file = folder.resolve(TOKENIZER);
        if (resume && Files.exists(file)) {
            return Tokenizer.load(file);
        }
        long start = System.nanoTime();
        Tokenizer tokenizer = vocabulary.train(corpus.training());
        out.printf(
                "tokenizer   %d tokens, learnt in %.1f s%n",
                tokenizer.vocabularySize(), (System.nanoTime() - start) / 1e9);
        return tokenizer;
    }

    private Checkpoints checkpoints() {
        return Checkpoints.in(folder.resolve("checkpoints"));
    }

    private Trainer trainer(
            Transformer model, Tokenizer tokenizer, Corpus corpus, Compute compute, TrainingProgress progress) {
        var builder = recipe.trainer()
                .model(model)
                .tokenizer(tokenizer)
                .corpus(corpus)
                .budget(Duration.ofMillis((long) (minutes * 60_000)))
                .validateEvery(Duration.ofMillis((long) (minutes * 60_000 / 5)))
                .validationSample(SAMPLE)
                .checkpoints(checkpoints())
                .listener(progress)
                .seed(seed)
                .compute(compute);
        if (profiled) {
            builder.profile(progress.profile);
        }
        return (resume ? builder.resume() : builder).build();
    }

    // ---------------------------------------------------------------- the report

    private int stopped(TrainingResult result) {
        out.printf(
                "stopped     after step %d; the model so far and a checkpoint are in %s%n"
                        + "            go on with: the same command and --resume%n",
                result.steps(), folder);
        return 130;
    }

    private void report(
            Transformer model,
            Tokenizer tokenizer,
            Corpus corpus,
            Compute compute,
            TrainingProgress progress,
            TrainingResult result)
            throws IOException {
        if (profiled) {
            out.printf("%nwhere the time of a step went%n%s", progress.profile.table(progress.profiledSteps()));
            out.printf("%nmost memory%n%s%n", result.memory().table());
        }
        Evaluation evaluation = Evaluation.of(model, tokenizer, corpus.validation(), compute);
        out.printf(
                "held out    %.3f bits per byte over all %d files (perplexity %.1f per token)%n",
                evaluation.bitsPerByte(), corpus.validation().size(), evaluation.perplexity());
        complete(corpus.validation());
        out.printf("%nThe model is in %s%n", folder.toAbsolutePath());
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("validationBitsPerByte", TrainingProgress.rounded(evaluation.bitsPerByte(), 4));
        figures.put("tokensPerSecond", TrainingProgress.rounded(progress.tokensPerSecond(), 0));
        figures.put("parameters", model.parameterCount());
        figures.put("seconds", TrainingProgress.rounded(result.time().toMillis() / 1e3, 1));
        figures.put("model", folder.toAbsolutePath().toString());
        figures.put("steps", result.steps());
        figures.put("curve", progress.curve());
        out.println(JSON.std.asString(figures));
    }

    /// Loads the model as any application would, and shows three completions of held-out methods.
    private void complete(Documents heldOut) throws IOException {
        GenerationOptions options = GenerationOptions.builder()
                .maximumTokens(64)
                .temperature(0.4f)
                .topP(0.95f)
                .seed(seed)
                .stopStrings("\n    }\n")
                .build();
        try (CodeModel code = CodeModel.load(folder)) {
            int shown = 0;
            for (int i = 0; i < heldOut.size() && shown < 3; i++) {
                String prompt = promptOf(heldOut.text(i), i);
                if (prompt != null) {
                    shown++;
                    Completion completion = code.complete(prompt, options);
                    String end = completion.finish() instanceof FinishReason.StopString(String text) ? text : " …\n";
                    out.printf(
                            "%n--- %s, completed after ▶%n%s▶%s%s",
                            heldOut.path(i), lastLines(prompt, 4), completion.text(), end);
                }
            }
        }
    }

    /// A held-out text up to and including the head of one of its methods, or null where it has none.
    private static @Nullable String promptOf(String text, int number) {
        Matcher matcher = METHOD.matcher(text);
        List<Integer> ends = new ArrayList<>();
        while (matcher.find()) {
            ends.add(matcher.end());
        }
        return ends.isEmpty() ? null : text.substring(0, ends.get(number % ends.size()));
    }

    private static String lastLines(String text, int count) {
        int at = text.length() - 1;
        for (int i = 0; i < count && at > 0; i++) {
            at = text.lastIndexOf('\n', at - 1);
        }
        return text.substring(at + 1);
    }
}
