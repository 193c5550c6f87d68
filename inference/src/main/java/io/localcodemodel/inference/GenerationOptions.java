package io.localcodemodel.inference;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What a completion may be: how long, how chosen, where it stops. A value; one object serves any number of completions.
///
/// ```java
/// GenerationOptions options = GenerationOptions.builder()
///         .maximumTokens(128)
///         .temperature(0.2f)
///         .topP(0.95f)
///         .stopStrings("\n\n", "// end")
///         .deadline(Duration.ofSeconds(2))
///         .build();
/// ```
///
/// @param maximumTokens the most new tokens
/// @param sampling how the next token is chosen
/// @param stopStrings texts that end the completion where they come up; see [FinishReason.StopString]
/// @param stopTokens token ids that end the completion besides the model's own end tokens
/// @param stopsAtEndOfText whether the model's own end tokens end the completion
/// @param deadline how long the completion may take from its first pull; checked between tokens and between the chunks
///     of a long prompt
/// @param contextPolicy what happens when prompt and completion do not fit into the context
/// @param logProbabilities whether to report the probability of each token
/// @param tokenHealing whether the end of the prompt may be spelled with other tokens than it was encoded to, so that a
///     prompt that ends in the middle of a word is continued as the word would be
public record GenerationOptions(
        int maximumTokens,
        Sampling sampling,
        List<String> stopStrings,
        Set<Integer> stopTokens,
        boolean stopsAtEndOfText,
        Optional<Duration> deadline,
        ContextPolicy contextPolicy,
        boolean logProbabilities,
        boolean tokenHealing) {
    /// Temperature where none is set: draws from the model's own distribution are the exception in code completion,
    /// where the most likely text is wanted.
    public static final float DEFAULT_TEMPERATURE = 0;
    /// Penalty window where none is set: everything that is in the context, as in Hugging Face's `generate()`.
    public static final int DEFAULT_PENALTY_WINDOW = Integer.MAX_VALUE;
    /// Seed where none is set, so that the same call gives the same text.
    public static final long DEFAULT_SEED = 0;
    /// Context policy where none is set: code before the cursor is often longer than the context of a small model, and
    /// its end is what matters.
    public static final ContextPolicy DEFAULT_CONTEXT_POLICY = ContextPolicy.KEEP_LAST;

    public GenerationOptions {
        Ranges.atLeast("maximumTokens", 1, maximumTokens);
        stopStrings = List.copyOf(stopStrings);
        if (stopStrings.contains("")) {
            throw new IllegalArgumentException("stopStrings: an empty string would stop every completion at once");
        }
        stopTokens = Set.copyOf(stopTokens);
        for (int token : stopTokens) {
            Ranges.atLeast("stopTokens", 0, token);
        }
        if (deadline.isPresent() && !deadline.get().isPositive()) {
            throw new IllegalArgumentException("deadline: expected a time greater than 0, found " + deadline.get());
        }
    }

    /// The most likely token each time, at most `maximumTokens` of them.
    public static GenerationOptions greedy(int maximumTokens) {
        return builder().maximumTokens(maximumTokens).build();
    }

    /// A builder on which `maximumTokens` is still to be set.
    public static Builder builder() {
        return new Builder();
    }

    /// A builder that begins with these options, to change some of them.
    ///
    /// ```java
    /// GenerationOptions options = code.suggestedOptions(64).toBuilder().stopStrings("\n\n").build();
    /// ```
    public Builder toBuilder() {
        return new Builder(this);
    }

    /// Collects options. Each may be set once; [#build()] names everything that is wrong at once.
    public static final class Builder {
        private final Settings settings = new Settings("generation options");
        private final List<SamplingStep> steps = new ArrayList<>();
        private int maximumTokens;
        private float temperature = DEFAULT_TEMPERATURE;
        private int topK;
        private float topP = 1;
        private float minP;
        private float typicalP = 1;
        private float repetitionPenalty = 1;
        private float frequencyPenalty;
        private float presencePenalty;
        private int penaltyWindow = DEFAULT_PENALTY_WINDOW;
        private Map<Integer, Float> logitBias = Map.of();
        private long seed = DEFAULT_SEED;
        private List<String> stopStrings = List.of();
        private Set<Integer> stopTokens = Set.of();
        private boolean stopsAtEndOfText = true;
        private Optional<Duration> deadline = Optional.empty();
        private ContextPolicy contextPolicy = DEFAULT_CONTEXT_POLICY;
        private boolean logProbabilities;
        private boolean tokenHealing;

        private Builder() {}

        /// What is taken over counts as not set yet.
        private Builder(GenerationOptions options) {
            settings.given("maximumTokens");
            maximumTokens = options.maximumTokens;
            Sampling sampling = options.sampling;
            temperature = sampling.temperature();
            topK = sampling.topK();
            topP = sampling.topP();
            minP = sampling.minP();
            typicalP = sampling.typicalP();
            repetitionPenalty = sampling.repetitionPenalty();
            frequencyPenalty = sampling.frequencyPenalty();
            presencePenalty = sampling.presencePenalty();
            penaltyWindow = sampling.penaltyWindow();
            logitBias = sampling.logitBias();
            steps.addAll(sampling.steps());
            seed = sampling.seed();
            stopStrings = options.stopStrings;
            stopTokens = options.stopTokens;
            stopsAtEndOfText = options.stopsAtEndOfText;
            deadline = options.deadline;
            contextPolicy = options.contextPolicy;
            logProbabilities = options.logProbabilities;
            tokenHealing = options.tokenHealing;
        }

        /// The most new tokens; required, at least 1.
        public Builder maximumTokens(int count) {
            settings.set("maximumTokens", () -> maximumTokens = Ranges.atLeast("maximumTokens", 1, count));
            return this;
        }

        /// See [SamplingStep#temperature]; 0, the default, takes the most likely token.
        public Builder temperature(float value) {
            settings.set("temperature", () -> {
                temperature = value;
                Ranges.temperature(value);
            });
            return this;
        }

        /// See [SamplingStep#topK]; at least 1.
        public Builder topK(int k) {
            settings.set("topK", () -> topK = Ranges.atLeast("topK", 1, k));
            return this;
        }

        /// See [SamplingStep#topP].
        public Builder topP(float p) {
            settings.set("topP", () -> topP = Ranges.fraction("topP", p));
            return this;
        }

        /// See [SamplingStep#minP].
        public Builder minP(float p) {
            settings.set("minP", () -> minP = Ranges.fraction("minP", p));
            return this;
        }

        /// See [SamplingStep#typicalP].
        public Builder typicalP(float p) {
            settings.set("typicalP", () -> typicalP = Ranges.fraction("typicalP", p));
            return this;
        }

        /// See [SamplingStep#repetitionPenalty].
        public Builder repetitionPenalty(float penalty) {
            settings.set("repetitionPenalty", () -> repetitionPenalty = Ranges.positive("repetitionPenalty", penalty));
            return this;
        }

        /// What each occurrence of a token takes from its logit; see [SamplingStep#countPenalties].
        public Builder frequencyPenalty(float penalty) {
            settings.set("frequencyPenalty", () -> frequencyPenalty = Ranges.finite("frequencyPenalty", penalty));
            return this;
        }

        /// What having occurred takes from a token's logit; see [SamplingStep#countPenalties].
        public Builder presencePenalty(float penalty) {
            settings.set("presencePenalty", () -> presencePenalty = Ranges.finite("presencePenalty", penalty));
            return this;
        }

        /// Over how many of the last tokens, prompt included, penalties count; by default all.
        public Builder penaltyWindow(int tokens) {
            settings.set("penaltyWindow", () -> penaltyWindow = Ranges.atLeast("penaltyWindow", 1, tokens));
            return this;
        }

        /// What to add to the logits of some tokens, by id; negative infinity forbids a token.
        public Builder logitBias(Map<Integer, Float> bias) {
            settings.set("logitBias", () -> {
                logitBias = new LinkedHashMap<>(bias);
                logitBias.forEach(Ranges::bias);
            });
            return this;
        }

        /// Adds a step of one's own, after bias and penalties and before temperature. May be called repeatedly.
        public Builder step(SamplingStep step) {
            steps.add(step);
            return this;
        }

        /// Which draws are made. The same seed, prompt and options give the same text.
        public Builder seed(long value) {
            settings.set("seed", () -> seed = value);
            return this;
        }

        /// Texts that end the completion where they come up; none may be empty.
        public Builder stopStrings(String... texts) {
            settings.set("stopStrings", () -> {
                for (String text : texts) {
                    if (text == null || text.isEmpty()) {
                        throw new IllegalArgumentException("stopStrings: "
                                + (text == null
                                        ? "null is no text"
                                        : "an empty string would stop every completion at once"));
                    }
                }
                stopStrings = List.of(texts);
            });
            return this;
        }

        /// Token ids that end the completion besides the model's own end tokens.
        public Builder stopTokens(int... tokens) {
            settings.set("stopTokens", () -> {
                stopTokens = new LinkedHashSet<>();
                for (int token : tokens) {
                    stopTokens.add(Ranges.atLeast("stopTokens", 0, token));
                }
            });
            return this;
        }

        /// Goes on past the model's own end tokens.
        public Builder ignoringEndOfText() {
            settings.set("ignoringEndOfText", () -> stopsAtEndOfText = false);
            return this;
        }

        /// How long the completion may take; see [GenerationOptions#deadline()].
        public Builder deadline(Duration time) {
            settings.set("deadline", () -> {
                if (!time.isPositive()) {
                    throw new IllegalArgumentException("deadline: expected a time greater than 0, found " + time);
                }
                deadline = Optional.of(time);
            });
            return this;
        }

        /// What happens when prompt and completion do not fit into the context.
        public Builder contextPolicy(ContextPolicy policy) {
            settings.set("contextPolicy", () -> contextPolicy = policy);
            return this;
        }

        /// Reports the probability of each token in [Completion#logProbabilities()].
        public Builder logProbabilities() {
            settings.set("logProbabilities", () -> logProbabilities = true);
            return this;
        }

        /// Lets a prompt end in the middle of a word: its last tokens are taken back, and the model chooses among the tokens
        /// that begin with their text, as it would have in the middle of the word.
        ///
        /// See [io.localcodemodel.tokenizer.TokenPrefixes].
        public Builder tokenHealing() {
            settings.set("tokenHealing", () -> tokenHealing = true);
            return this;
        }

        /// The options.
        ///
        /// @throws IllegalArgumentException naming everything that is missing, out of range, set twice or in conflict
        public GenerationOptions build() {
            settings.require("maximumTokens");
            if (temperature == 0) {
                for (String draws : List.of("topK", "topP", "minP", "typicalP", "seed")) {
                    settings.conflict(
                            draws,
                            draws
                                    + " has no effect at temperature 0, which takes the most likely token: set a"
                                    + " temperature or leave " + draws + " out");
                }
            }
            if (repetitionPenalty == 1 && frequencyPenalty == 0 && presencePenalty == 0) {
                settings.conflict("penaltyWindow", "penaltyWindow has no effect without a penalty");
            }
            settings.check();
            Sampling sampling = new Sampling(
                    temperature,
                    topK,
                    topP,
                    minP,
                    typicalP,
                    repetitionPenalty,
                    frequencyPenalty,
                    presencePenalty,
                    penaltyWindow,
                    logitBias,
                    steps,
                    seed);
            return new GenerationOptions(
                    maximumTokens,
                    sampling,
                    stopStrings,
                    stopTokens,
                    stopsAtEndOfText,
                    deadline,
                    contextPolicy,
                    logProbabilities,
                    tokenHealing);
        }
    }
}
