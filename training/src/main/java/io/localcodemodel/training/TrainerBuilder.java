package io.localcodemodel.training;

import io.localcodemodel.model.Parameter;
import io.localcodemodel.model.Transformer;
import io.localcodemodel.tensor.Compute;
import io.localcodemodel.tensor.Precision;
import io.localcodemodel.tensor.Profile;
import io.localcodemodel.tensor.op.CrossEntropy;
import io.localcodemodel.tokenizer.Tokenizer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Collects what a [Trainer] needs. Each thing is said once; what is missing, said twice or contradicts is refused by
/// [#build()], all of it together.
public final class TrainerBuilder {
    /// Windows in a micro-batch.
    public static final int BATCH = 8;
    /// The most tokens in a micro-batch of windows whose length nobody said: eight of 2,048, the longest context of small
    /// models. A published model with a context of 131,072 would take more memory than there is.
    public static final int UNASKED_TOKENS = 16_384;
    /// Gradients longer than this are shortened to it: the usual bound for language models (GPT-3, LLaMA).
    public static final float CLIP = 1;
    /// Two parts in a hundred to warm up, then a cosine from 1e-3, right for a few million parameters, to a tenth of it.
    public static final Schedule SCHEDULE = Schedule.warmupCosine(0.02, 1e-3f, 1e-4f);

    private final List<String> problems = new ArrayList<>();
    private final Set<String> said = new HashSet<>();

    private @Nullable Transformer model;
    private @Nullable Tokenizer tokenizer;
    private @Nullable Corpus corpus;
    private @Nullable TokenStream trainingTokens;
    private @Nullable TokenStream validationTokens;
    private Optimizer optimizer = AdamW.defaults();
    private Schedule schedule = SCHEDULE;
    private int batch = BATCH;
    private int accumulate = 1;
    private int contextLength;
    private Packing packing = Packing.STREAM;
    private CrossEntropy.Options loss = CrossEntropy.Options.PLAIN;
    private long steps = -1;
    private @Nullable Duration budget;
    private long validateEvery;
    private @Nullable Duration validateEveryTime;
    private int validationSample;
    private @Nullable Checkpoints checkpoints;
    private boolean resume;
    private Consumer<TrainingEvent> listener = event -> {};
    private long seed;
    private int workers;
    private @Nullable Compute compute;
    private float clip = CLIP;
    private boolean checkpointing;
    private Precision precision = Precision.F32;
    private @Nullable Profile profile;

    TrainerBuilder() {}

    private TrainerBuilder say(String what) {
        if (!said.add(what)) {
            problems.add(what + " is set twice");
        }
        return this;
    }

    private void require(boolean condition, String problem) {
        if (!condition) {
            problems.add(problem);
        }
    }

    /// The model to train, in place.
    public TrainerBuilder model(Transformer model) {
        this.model = model;
        return say("model");
    }

    /// What turns the corpus into tokens; saved with every checkpoint.
    public TrainerBuilder tokenizer(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
        return say("tokenizer");
    }

    /// The texts to train on and, where the corpus is split, to validate on.
    public TrainerBuilder corpus(Corpus corpus) {
        this.corpus = corpus;
        return say("corpus");
    }

    /// Tokens to train on, in place of a corpus.
    public TrainerBuilder tokens(TokenStream training) {
        this.trainingTokens = training;
        return say("tokens");
    }

    /// Tokens to train and to validate on, in place of a corpus.
    public TrainerBuilder tokens(TokenStream training, TokenStream validation) {
        this.validationTokens = validation;
        return tokens(training);
    }

    /// How gradients change parameters; [AdamW#defaults()] unless set.
    public TrainerBuilder optimizer(Optimizer optimizer) {
        this.optimizer = optimizer;
        return say("optimizer");
    }

    /// The learning rate; [#SCHEDULE] unless set.
    public TrainerBuilder schedule(Schedule schedule) {
        this.schedule = schedule;
        return say("schedule");
    }

    /// Windows in a micro-batch; [#BATCH] unless set.
    public TrainerBuilder batch(int windows) {
        this.batch = windows;
        require(windows >= 1, "batch: expected at least 1 window, found " + windows);
        return say("batch");
    }

    /// Micro-batches whose gradients make one step; 1 unless set. The same as a larger batch, in less memory.
    public TrainerBuilder accumulate(int microBatches) {
        this.accumulate = microBatches;
        require(microBatches >= 1, "accumulate: expected at least 1 micro-batch, found " + microBatches);
        return say("accumulate");
    }

    /// Tokens in a window; the model's context length unless set. It has to be set where windows of the model's context
    /// make more than [#UNASKED_TOKENS] tokens.
    public TrainerBuilder contextLength(int tokens) {
        this.contextLength = tokens;
        require(tokens >= 1, "contextLength: expected at least 1 token, found " + tokens);
        return say("contextLength");
    }

    /// What windows hold; [Packing#STREAM] unless set.
    public TrainerBuilder packing(Packing packing) {
        this.packing = packing;
        return say("packing");
    }

    /// Label smoothing and z-loss of the training; [CrossEntropy.Options#PLAIN] unless set. Validation is always plain.
    public TrainerBuilder loss(CrossEntropy.Options options) {
        this.loss = options;
        return say("loss");
    }

    /// Ends the run after so many steps, those before a resumption included.
    public TrainerBuilder steps(long steps) {
        this.steps = steps;
        require(steps >= 1, "steps: expected at least 1, found " + steps);
        return say("steps");
    }

    /// Ends the run after so much time, that before a resumption included, as are validations and saving on the way; the
    /// step that is running is completed. With [#steps] too, whichever comes first ends it.
    public TrainerBuilder budget(Duration time) {
        this.budget = time;
        require(time.isPositive(), "budget: expected a positive time, found " + time);
        return say("budget");
    }

    /// Validates after every so many steps, and at the end.
    public TrainerBuilder validateEvery(long steps) {
        this.validateEvery = steps;
        require(steps >= 1, "validateEvery: expected at least 1 step, found " + steps);
        return say("validateEvery");
    }

    /// Validates whenever so much time has passed, and at the end.
    public TrainerBuilder validateEvery(Duration time) {
        this.validateEveryTime = time;
        require(time.isPositive(), "validateEvery: expected a positive time, found " + time);
        return say("validateEvery");
    }

    /// Validates on [Documents#sample(int)] of the held-out documents in place of all.
    public TrainerBuilder validationSample(int documents) {
        this.validationSample = documents;
        require(documents >= 1, "validationSample: expected at least 1 document, found " + documents);
        return say("validationSample");
    }

    /// Where the run is saved; it is not unless set.
    public TrainerBuilder checkpoints(Checkpoints checkpoints) {
        this.checkpoints = checkpoints;
        return say("checkpoints");
    }

    /// Goes on from the latest checkpoint, if there is one. The model has to be of the same configuration, the data and
    /// the settings the same; the length of the run and the schedule may differ.
    public TrainerBuilder resume() {
        this.resume = true;
        return say("resume");
    }

    /// Who hears what happens.
    public TrainerBuilder listener(Consumer<TrainingEvent> listener) {
        this.listener = listener;
        return say("listener");
    }

    /// Where the order of the data and dropout are drawn from; 0 unless set.
    public TrainerBuilder seed(long seed) {
        this.seed = seed;
        return say("seed");
    }

    /// How many threads compute; as many as there are processors unless set. They end with the run.
    public TrainerBuilder workers(int count) {
        this.workers = count;
        require(count >= 1, "workers: expected at least 1, found " + count);
        return say("workers");
    }

    /// Who computes, in place of workers of the run's own: `Compute.on(executor, 4)` for threads that the application
    /// has already. Stays open after the run.
    public TrainerBuilder compute(Compute compute) {
        this.compute = compute;
        return say("compute");
    }

    /// The longest global norm of the gradients; [#CLIP] unless set, 0 for no bound.
    public TrainerBuilder clip(float norm) {
        this.clip = norm;
        require(norm >= 0 && norm < Float.POSITIVE_INFINITY, "clip: expected 0 or a positive norm, found " + norm);
        return say("clip");
    }

    /// Keeps only the input of each block and computes the rest again on the way back: much less memory, about a fifth
    /// more time, the same numbers.
    public TrainerBuilder checkpointing(boolean on) {
        this.checkpointing = on;
        return say("checkpointing");
    }

    /// In how many bits the run keeps its numbers; [Precision#F32] unless set. [Precision#BF16] keeps the values between
    /// forward and backward in half the memory and computes with weights that are rounded to bfloat16; the exact weights,
    /// which the optimiser changes and files hold, the gradients and the optimiser's state stay floats. Validation
    /// measures the rounded weights, with which the training computes.
    public TrainerBuilder precision(Precision precision) {
        this.precision = precision;
        return say("precision");
    }

    /// Adds to `profile` where the time of the steps goes: each operation, forward and backward, and the batches, the
    /// clipping and the optimiser. A listener may clear it once the first steps, slow ones, are over:
    ///
    /// ```java
    /// Profile profile = new Profile();
    /// Trainer.builder().model(model).tokenizer(tokenizer).corpus(corpus).steps(120)
    ///         .profile(profile)
    ///         .listener(event -> {
    ///             if (event instanceof TrainingEvent.StepCompleted && event.step() == 20) {
    ///                 profile.clear();
    ///             }
    ///         })
    ///         .build().run();
    /// String table = profile.table(100);
    /// ```
    public TrainerBuilder profile(Profile profile) {
        this.profile = profile;
        return say("profile");
    }

    /// The trainer; nothing is read or computed yet.
    ///
    /// @throws IllegalArgumentException naming everything that is missing, said twice or contradicts
    public Trainer build() {
        List<String> found = new ArrayList<>(problems);
        checkPresence(found);
        checkFit(found);
        if (!found.isEmpty() || model == null) {
            throw new IllegalArgumentException("the trainer cannot be built:\n  " + String.join("\n  ", found));
        }
        return new Trainer(new TrainerSettings(
                model,
                tokenizer,
                corpus,
                trainingTokens,
                validationTokens,
                optimizer,
                schedule,
                batch,
                accumulate,
                contextLength == 0 ? model.config().contextLength() : contextLength,
                packing,
                loss,
                steps,
                budget,
                validateEvery,
                validateEveryTime,
                validationSample,
                checkpoints,
                resume,
                listener,
                seed,
                workers == 0 ? Runtime.getRuntime().availableProcessors() : workers,
                compute,
                clip,
                checkpointing,
                precision,
                profile));
    }

    private void checkPresence(List<String> found) {
        if (model == null) {
            found.add("model is missing");
        }
        if (corpus == null && trainingTokens == null) {
            found.add("there is nothing to train on: give a corpus with a tokenizer, or tokens");
        }
        if (corpus != null && trainingTokens != null) {
            found.add("corpus and tokens exclude each other");
        }
        if (corpus != null && tokenizer == null) {
            found.add("a corpus needs a tokenizer");
        }
        if (steps < 0 && budget == null && !said.contains("steps")) {
            found.add("the run has no end: give steps or a budget of time");
        }
        if (resume && checkpoints == null) {
            found.add("resume needs checkpoints to go on from");
        }
        if (compute != null && workers != 0) {
            found.add("workers and compute exclude each other");
        }
        boolean validates = validateEvery != 0 || validateEveryTime != null || validationSample != 0;
        boolean heldOut = corpus != null
                ? TrainerSettings.heldOut(corpus, validationSample).bytes() > 0
                : validationTokens != null;
        if (validates && !heldOut && (corpus != null || trainingTokens != null)) {
            found.add("there is nothing to validate on: split the corpus, or give tokens for validation");
        }
        if (checkpoints != null && checkpoints.keepsBest() && validateEvery == 0 && validateEveryTime == null) {
            found.add("keeping the best checkpoint needs validateEvery");
        }
    }

    private void checkFit(List<String> found) {
        if (model == null) {
            return;
        }
        List<String> frozen = model.parameters().stream()
                .filter(parameter -> !parameter.variable().requiresGradient())
                .map(Parameter::name)
                .toList();
        if (!frozen.isEmpty()) {
            found.add(frozen.size() + " parameters of the model are frozen, such as " + frozen.getFirst()
                    + ": a model whose weights stay in their file cannot be trained; load it with"
                    + " Transformer.load(path)");
        }
        int vocabulary = model.config().vocabularySize();
        if (tokenizer != null && tokenizer.vocabularySize() > vocabulary) {
            found.add("the tokenizer has " + tokenizer.vocabularySize() + " tokens, the model only " + vocabulary);
        }
        checkVocabulary("the tokens", trainingTokens, vocabulary, found);
        checkVocabulary("the tokens for validation", validationTokens, vocabulary, found);
        int context = model.config().contextLength();
        if (contextLength > context) {
            found.add("contextLength " + contextLength + " is longer than the model's " + context);
        }
        if (contextLength == 0 && (long) batch * context > UNASKED_TOKENS) {
            found.add("the model's context is " + context + " tokens, and " + batch + " windows of it "
                    + (long) batch * context + " tokens, whose activations take very much memory: say"
                    + " contextLength(…), for example 512, or contextLength(" + context + ") if you mean it");
        }
        boolean ends = trainingTokens != null
                ? trainingTokens.endOfText().isPresent()
                : tokenizer == null || tokenizer.endOfText().isPresent();
        if (packing == Packing.DOCUMENTS && !ends) {
            found.add("packing by documents needs a vocabulary with an end-of-text token");
        }
    }

    private static void checkVocabulary(String what, @Nullable TokenStream tokens, int vocabulary, List<String> found) {
        if (tokens != null && tokens.vocabularySize() > vocabulary) {
            found.add(what + " come from a vocabulary of " + tokens.vocabularySize() + ", the model has only "
                    + vocabulary);
        }
    }
}
