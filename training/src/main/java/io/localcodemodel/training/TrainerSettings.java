package io.localcodemodel.training;

import io.localcodemodel.model.Transformer;
import io.localcodemodel.tensor.Compute;
import io.localcodemodel.tensor.Precision;
import io.localcodemodel.tensor.Profile;
import io.localcodemodel.tensor.op.CrossEntropy;
import io.localcodemodel.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What a [TrainerBuilder] was told, complete and without contradictions.
///
/// @param corpus the texts; null where tokens are given
/// @param trainingTokens the tokens; null where a corpus is given
/// @param steps -1 where only time ends the run
/// @param budget null where only steps end the run
/// @param validateEvery 0 where not by steps
/// @param validateEveryTime null where not by time
/// @param validationSample 0 for all held-out documents
/// @param clip 0 where gradients are not clipped
/// @param compute null where the run makes and closes its own
/// @param profile null where nobody asked for one
record TrainerSettings(
        Transformer model,
        @Nullable Tokenizer tokenizer,
        @Nullable Corpus corpus,
        @Nullable TokenStream trainingTokens,
        @Nullable TokenStream validationTokens,
        Optimizer optimizer,
        Schedule schedule,
        int batch,
        int accumulate,
        int contextLength,
        Packing packing,
        CrossEntropy.Options loss,
        long steps,
        @Nullable Duration budget,
        long validateEvery,
        @Nullable Duration validateEveryTime,
        int validationSample,
        @Nullable Checkpoints checkpoints,
        boolean resume,
        Consumer<TrainingEvent> listener,
        long seed,
        int workers,
        @Nullable Compute compute,
        float clip,
        boolean checkpointing,
        Precision precision,
        @Nullable Profile profile) {

    /// What checkpoints were trained with that are older than the setting and do not name it.
    private static final Map<String, String> FORMERLY =
            Map.of("precision", Precision.F32.name(), "loss", CrossEntropy.Options.PLAIN.toString());

    /// What of a corpus is validated on.
    ///
    /// @param sample how many documents at the most, 0 for all
    static Documents heldOut(Corpus corpus, int sample) {
        return sample < 1 ? corpus.validation() : corpus.validation().sample(sample);
    }

    /// What has to be equal in two runs for one to go on where the other stopped.
    Map<String, String> identity(TokenStream training) {
        Map<String, String> identity = new LinkedHashMap<>();
        identity.put("model", model.config().toString());
        identity.put("optimizer", optimizer.toString());
        identity.put("batch", batch + " x " + accumulate);
        identity.put("contextLength", String.valueOf(contextLength));
        identity.put("packing", packing.name());
        identity.put("loss", loss.toString());
        identity.put("seed", String.valueOf(seed));
        identity.put("clip", String.valueOf(clip));
        identity.put("precision", precision.name());
        identity.put("trainingTokens", training.size() + " with SHA-256 " + training.hash());
        return identity;
    }

    /// @param identity of the run
    /// @param saved of the run that the checkpoint belongs to
    /// @throws TrainingException if they differ
    static void requireSameRun(Path checkpoint, Map<String, String> identity, Map<String, String> saved) {
        Map<String, String> differing = new TreeMap<>();
        identity.forEach((name, value) -> {
            String before = saved.getOrDefault(name, FORMERLY.get(name));
            if (!value.equals(before)) {
                differing.put(name, "now " + value + ", in the checkpoint " + before);
            }
        });
        if (!differing.isEmpty()) {
            throw new TrainingException("checkpoint " + checkpoint + " belongs to another run: " + differing
                    + "; resume with the settings and data it was started with");
        }
    }

    /// Where a checkpoint comes from, for people.
    Map<String, String> provenance(Compute by) {
        Map<String, String> provenance = new LinkedHashMap<>();
        if (corpus != null) {
            provenance.put("corpus", corpus.toString());
            provenance.put("corpusHash", corpus.hash());
        }
        provenance.put("schedule", schedule.toString());
        provenance.put("length", steps < 0 ? String.valueOf(budget) : steps + " steps");
        provenance.put("jdk", Runtime.version().toString());
        provenance.put("system", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        provenance.put("kernels", by.kernels().name());
        provenance.put("workers", String.valueOf(by.workers().count()));
        return provenance;
    }
}
