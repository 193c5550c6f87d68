package io.localcodemodel.training;

import io.localcodemodel.model.Parameter;
import io.localcodemodel.model.Transformer;
import io.localcodemodel.tensor.Arena;
import io.localcodemodel.tensor.Compute;
import io.localcodemodel.tensor.Pass;
import io.localcodemodel.tensor.Precision;
import io.localcodemodel.tensor.Profile;
import io.localcodemodel.tensor.Randomness;
import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tensor.Var;
import io.localcodemodel.tensor.Work;
import io.localcodemodel.training.TrainingEvent.FinishReason;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// The one run of a [Trainer]: where it stands, and the loop that takes it on.
final class TrainingRun {
    /// Added to the norm before dividing by it, as PyTorch's `clip_grad_norm_` does.
    private static final double CLIP_EPSILON = 1e-6;

    private final TrainerSettings settings;
    private final Transformer model;
    private final BooleanSupplier stopped;
    private final Compute compute;
    private final Arena arena = new Arena();
    private final TokenStream training;
    private final @Nullable TokenStream validation;
    private final Batches batches;
    private final Optimizer.State optimizer;
    private final ParameterBlocks gradients;
    private final Map<String, String> identity;
    private final RunClock clock;
    private final long passSeed;

    private long step;
    private long nextValidation;
    private long savedAt = -1;
    private long validatedAt = -1;
    private @Nullable Evaluation evaluation;
    private @Nullable Double best;

    /// @param stopped whether the run was asked to end
    TrainingRun(TrainerSettings settings, Compute compute, BooleanSupplier stopped) {
        if (settings.checkpoints() != null) {
            CheckpointFolder.prepare(settings.checkpoints().folder());
        }
        this.settings = settings;
        this.model = settings.model();
        this.stopped = stopped;
        this.compute = compute;
        this.clock = new RunClock(settings.steps(), settings.budget());
        this.passSeed = Randomness.seedFor(settings.seed(), "pass");
        this.training = trainingStream();
        this.validation = validationStream();
        requireSomethingToPredict(validation);
        this.batches = new Batches(
                training,
                settings.batch(),
                settings.contextLength(),
                settings.packing(),
                Randomness.seedFor(settings.seed(), "batches"));
        this.optimizer = settings.optimizer().start(model.parameters());
        this.gradients = new ParameterBlocks(model.parameters());
        this.identity = settings.identity(training);
    }

    private TokenStream trainingStream() {
        TokenStream given = settings.trainingTokens();
        return given != null ? given : encoded(corpus().training());
    }

    private @Nullable TokenStream validationStream() {
        if (settings.corpus() == null) {
            return settings.validationTokens();
        }
        Documents documents = TrainerSettings.heldOut(corpus(), settings.validationSample());
        return documents.bytes() == 0 ? null : encoded(documents);
    }

    private static void requireSomethingToPredict(@Nullable TokenStream heldOut) {
        if (heldOut != null && heldOut.size() < 2) {
            throw new IllegalArgumentException("there is nothing to predict in held-out texts of " + heldOut.size()
                    + " tokens; hold out more, or nothing");
        }
    }

    private Corpus corpus() {
        return Objects.requireNonNull(settings.corpus());
    }

    private TokenStream encoded(Documents documents) {
        return TokenStream.of(documents, Objects.requireNonNull(settings.tokenizer()), compute.workers());
    }

    // ------------------------------------------------------------ the loop

    TrainingResult toTheEnd() {
        Optional<Path> resumedFrom = CheckpointFolder.uninterrupted(this::resume);
        tell(new TrainingEvent.Started(
                step,
                resumedFrom.orElse(null),
                settings.steps(),
                model.parameterCount(),
                batches.tokens() * settings.accumulate(),
                training.size(),
                validation == null ? 0 : validation.size()));
        model.parameters().forEach(parameter -> parameter.variable().clearGradient());
        splitWeights();
        clock.start();
        nextValidation = clock.nanos() + validationInterval();
        FinishReason reason = over();
        while (reason == null) {
            step();
            reason = over();
            if (reason == null) {
                validateIfDue();
                saveIfDue();
                reason = over();
            }
        }
        return finish(reason);
    }

    private void splitWeights() {
        if (settings.precision() == Precision.BF16) {
            HalfWeights.split(compute, model);
        }
    }

    private void step() {
        long start = System.nanoTime();
        float rate = settings.schedule().rate(step, clock.middleOf(step));
        float loss = accumulateGradients();
        long clippingStart = System.nanoTime();
        double norm = gradients.gradientNorm(compute);
        profile("gradient norm", clippingStart);
        if (!Float.isFinite(loss) || !Double.isFinite(norm) || !Float.isFinite(rate)) {
            throw diverged(loss, norm, rate);
        }
        long optimizerStart = System.nanoTime();
        optimizer.step(compute, rate, clipping(settings.clip(), norm));
        profile("optimizer", optimizerStart);
        step++;
        int tokens = batches.tokens() * settings.accumulate();
        tell(new TrainingEvent.StepCompleted(
                step,
                loss,
                rate,
                norm,
                tokens * 1e9 / (double) (System.nanoTime() - start),
                (double) step * tokens / training.size(),
                clock.elapsed(step),
                clock.time()));
        clock.stepTook(System.nanoTime() - start);
    }

    /// Adds the gradients of the mean loss over all micro-batches and returns that loss.
    private float accumulateGradients() {
        // The first backward then assigns: no zeros are read, and the loss writes the gradient of the output projection
        // where it belongs instead of adding a second one to it.
        model.parameters().forEach(parameter -> parameter.variable().clearGradient());
        double sum = 0;
        for (int micro = 0; micro < settings.accumulate(); micro++) {
            long batchStart = System.nanoTime();
            batches.advance();
            profile("batch", batchStart);
            long seed = passSeed + Randomness.GOLDEN * (step * settings.accumulate() + micro);
            try (Pass pass = Pass.training(compute, arena, Randomness.mix(seed))) {
                pass.keepingPacked(settings.accumulate() > 1)
                        .recomputing(settings.checkpointing())
                        .precision(settings.precision())
                        .profiled(settings.profile());
                Var loss = model.loss(pass, batches.batch(), batches.targets(), settings.loss());
                sum += loss.value().scalar();
                pass.backward(loss, 1f / settings.accumulate());
            }
        }
        return (float) (sum / settings.accumulate());
    }

    /// What gradients of a norm are multiplied by to be no longer than `longest`; 0 is no bound.
    static float clipping(float longest, double norm) {
        return longest == 0 ? 1 : (float) Math.min(1, longest / (norm + CLIP_EPSILON));
    }

    private void profile(String part, long start) {
        Profile profile = settings.profile();
        if (profile != null) {
            profile.add(new Work(part, 0, 0), Profile.Direction.STEP, System.nanoTime() - start);
        }
    }

    private @Nullable FinishReason over() {
        if (settings.steps() >= 0 && step >= settings.steps()) {
            return FinishReason.STEPS_DONE;
        }
        if (clock.timeIsUsed()) {
            return FinishReason.TIME_USED;
        }
        return stopped.getAsBoolean() || Thread.currentThread().isInterrupted() ? FinishReason.STOPPED : null;
    }

    private TrainingException diverged(float loss, double norm, float rate) {
        model.parameters().forEach(parameter -> parameter.variable().clearGradient());
        HalfWeights.join(compute, model);
        tell(new TrainingEvent.Finished(step, FinishReason.DIVERGED, clock.time(), memory()));
        String saved = settings.checkpoints() == null
                ? "there is no checkpoint"
                : "the checkpoints in " + settings.checkpoints().folder() + " are untouched";
        return new TrainingException("step " + (step + 1) + " has loss " + loss + " and gradients of norm " + norm
                + " at learning rate " + rate + "; the model is as step " + step + " left it, " + saved
                + "; use a lower rate, a longer warm-up, or clip the gradients");
    }

    private TrainingResult finish(FinishReason reason) {
        // An interrupted thread could not write files.
        boolean interrupted = Thread.interrupted();
        try {
            Duration took = clock.time();
            // Before the validation: nothing that goes wrong there costs the run.
            if (settings.checkpoints() != null && savedAt != step) {
                save(settings.checkpoints());
            }
            if (validation != null && validatedAt != step && reason != FinishReason.STOPPED) {
                validate(validation);
            }
            HalfWeights.join(compute, model);
            tell(new TrainingEvent.Finished(step, reason, took, memory()));
            return new TrainingResult(step, reason, took, evaluation, memory());
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    // ------------------------------------------------------------ validation and checkpoints

    private void validateIfDue() {
        boolean bySteps = settings.validateEvery() > 0 && step % settings.validateEvery() == 0;
        if (validation != null && (bySteps || clock.nanos() >= nextValidation)) {
            validate(validation);
            nextValidation = clock.nanos() + validationInterval();
        }
    }

    private long validationInterval() {
        Duration interval = settings.validateEveryTime();
        return Math.min(interval == null ? Long.MAX_VALUE : RunClock.nanos(interval), Long.MAX_VALUE / 2);
    }

    private void validate(TokenStream heldOut) {
        Evaluation result = Evaluation.of(model, heldOut, settings.contextLength(), compute, arena);
        double bitsPerByte = result.bitsPerByte();
        boolean better = Double.isFinite(bitsPerByte) && (best == null || bitsPerByte < best);
        if (better) {
            best = bitsPerByte;
        }
        evaluation = result;
        validatedAt = step;
        tell(new TrainingEvent.Validated(step, result, better, clock.time()));
        Checkpoints checkpoints = settings.checkpoints();
        if (checkpoints != null && (savedAt == step || (better && checkpoints.keepsBest()))) {
            save(checkpoints);
        }
    }

    private void saveIfDue() {
        Checkpoints checkpoints = settings.checkpoints();
        if (checkpoints != null && checkpoints.every() > 0 && step % checkpoints.every() == 0 && savedAt != step) {
            save(checkpoints);
        }
    }

    /// Saves the run; where the checkpoint of this step is there already, what it says of the validation.
    private void save(Checkpoints checkpoints) {
        long start = System.nanoTime();
        // Files hold the exact weights.
        HalfWeights.join(compute, model);
        try {
            boolean again = savedAt == step;
            Path folder = again
                    ? CheckpointFolder.update(checkpoints.folder(), record())
                    : CheckpointFolder.save(
                            checkpoints.folder(), model, settings.tokenizer(), optimizer.tensors(), record());
            savedAt = step;
            CheckpointFolder.prune(checkpoints);
            if (!again) {
                tell(new TrainingEvent.CheckpointSaved(step, folder, Duration.ofNanos(System.nanoTime() - start)));
            }
        } catch (IOException e) {
            throw new TrainingException(
                    "the checkpoint of step " + step + " cannot be saved in " + checkpoints.folder() + ": " + e
                            + "; the checkpoints before it are untouched",
                    e);
        } finally {
            splitWeights();
        }
    }

    private CheckpointRecord record() {
        return new CheckpointRecord(
                step,
                optimizer.steps(),
                clock.nanos(),
                batches.cursor(),
                validatedAt == step && evaluation != null ? evaluation.bitsPerByte() : null,
                best,
                identity,
                settings.provenance(compute),
                Map.of());
    }

    /// Goes to the latest checkpoint where the run is to be resumed and there is one; returns its folder.
    private Optional<Path> resume() {
        Checkpoints checkpoints = settings.checkpoints();
        Optional<Path> latest = checkpoints == null ? Optional.empty() : checkpoints.latest();
        if (latest.isEmpty()) {
            return latest;
        }
        Path folder = latest.get();
        if (!settings.resume()) {
            throw new TrainingException("there is a run in this folder already, with checkpoint " + folder
                    + "; call resume() to go on with it, or choose another folder");
        }
        CheckpointRecord record = CheckpointFolder.read(folder);
        TrainerSettings.requireSameRun(folder, identity, record.settings());
        try {
            batches.seek(record.cursor());
        } catch (IllegalArgumentException e) {
            throw CheckpointFolder.corrupted(folder, CheckpointFolder.RECORD + ": " + e.getMessage(), e);
        }
        CheckpointFolder.restore(folder, record, model, optimizer);
        step = record.step();
        savedAt = step;
        clock.resume(record.nanos());
        best = record.bestBitsPerByte();
        return latest;
    }

    // ------------------------------------------------------------ telling

    private TrainingEvent.MemoryUse memory() {
        long weights = 0;
        long slopes = 0;
        long scratch = compute.workers().scratchBytes();
        for (Parameter parameter : model.parameters()) {
            weights += (long) parameter.shape().size() * Float.BYTES;
            Tensor gradient = parameter.variable().gradient();
            slopes += gradient == null ? 0 : bytes(gradient);
            scratch += parameter.variable().panelBytes();
        }
        long state = optimizer.tensors().values().stream()
                .mapToLong(TrainingRun::bytes)
                .sum();
        long data = training.memoryBytes() + (validation == null ? 0 : validation.memoryBytes());
        return new TrainingEvent.MemoryUse(
                weights, slopes, state, arena.peakBytes(), scratch, data, ProcessMemory.peakBytes());
    }

    private static long bytes(Tensor tensor) {
        return (long) tensor.size() * Float.BYTES;
    }

    private void tell(TrainingEvent event) {
        settings.listener().accept(event);
    }
}
