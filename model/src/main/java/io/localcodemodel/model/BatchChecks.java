package io.localcodemodel.model;

import io.localcodemodel.tensor.Pass;
import io.localcodemodel.tensor.op.Sequences;
import java.util.Arrays;

/// What a batch has to keep to before a forward touches it.
final class BatchChecks {
    private BatchChecks() {}

    static void check(TransformerConfig config, Pass pass, TokenBatch batch, KvCache[] caches) {
        int[] ids = batch.ids();
        for (int t = 0; t < ids.length; t++) {
            if (ids[t] < 0 || ids[t] >= config.vocabularySize()) {
                throw new IllegalArgumentException("token " + t + " of the batch has id " + ids[t]
                        + ", the model's vocabulary ends at " + (config.vocabularySize() - 1)
                        + "; encode the text with the model's own tokenizer");
            }
        }
        if (caches.length > 0) {
            checkCaches(config, pass, batch, caches);
        }
        int[] positions = batch.positions();
        for (int t = 0; t < positions.length; t++) {
            if (positions[t] < 0 || positions[t] >= config.contextLength()) {
                throw new IllegalArgumentException("token " + t + " of the batch stands at position " + positions[t]
                        + ", the model's context has " + config.contextLength()
                        + " tokens (positions 0 to " + (config.contextLength() - 1)
                        + "); shorten the sequence or cut it into windows");
            }
        }
    }

    private static void checkCaches(TransformerConfig config, Pass pass, TokenBatch batch, KvCache[] caches) {
        Sequences sequences = batch.sequences();
        if (pass.records()) {
            throw new IllegalArgumentException("a cache serves inference, this pass records for a gradient");
        }
        if (caches.length != sequences.count()) {
            throw new IllegalArgumentException("expected a cache for each of the " + sequences.count()
                    + " sequences of the batch, found " + caches.length);
        }
        if (Arrays.stream(caches).distinct().count() != caches.length) {
            throw new IllegalArgumentException("two sequences of the batch have the same cache");
        }
        for (int i = 0; i < caches.length; i++) {
            if (!caches[i].fits(config)) {
                throw new IllegalArgumentException("the cache of sequence " + i
                        + " was made by a model of another shape; make it with newCache of this model");
            }
            int first = caches[i].length();
            if ((long) first + sequences.length(i) > config.contextLength()) {
                throw new IllegalArgumentException("sequence " + i + ": " + first + " cached tokens and "
                        + sequences.length(i) + " new ones are more than the model's context of "
                        + config.contextLength() + " tokens; shorten the sequence");
            }
            for (int t = 0; t < sequences.length(i); t++) {
                int position = batch.positions()[sequences.start(i) + t];
                if (position != first + t) {
                    throw new IllegalArgumentException("sequence " + i + ": token " + t + " stands at position "
                            + position + ", its cache of " + first + " tokens says " + (first + t));
                }
            }
        }
    }
}
