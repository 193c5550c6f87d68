package io.localcodemodel.model;

import io.localcodemodel.tensor.Pass;
import io.localcodemodel.tensor.Shape;
import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tensor.Var;
import io.localcodemodel.tensor.op.CrossEntropy;
import io.localcodemodel.tensor.op.Dropout;
import io.localcodemodel.tensor.op.Embedding;
import io.localcodemodel.tensor.op.Linear;
import io.localcodemodel.tensor.op.LinearCrossEntropy;
import io.localcodemodel.tensor.op.RotaryTable;
import io.localcodemodel.tensor.op.Scale;
import io.localcodemodel.tensor.op.Sequences;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A stack of blocks in which each token sees itself and those before it.
final class DecoderTransformer implements Transformer {
    private final TransformerConfig config;
    private final List<Parameter> parameters;
    private final Var embedding;
    private final @Nullable Var positions;
    private final @Nullable RotaryAngles rotary;
    private final List<Block> blocks;
    private final Norm norm;
    private final Var outputWeight;
    private final @Nullable Var outputBias;
    private final boolean explicitMask;

    DecoderTransformer(TransformerConfig config, ParamScope scope) {
        this.config = config;
        Initial normal = Initial.normal(config.initialDeviation());
        Shape table = Shape.of(config.vocabularySize(), config.width());
        embedding = scope.at("embedding").table("weight", table, normal);
        positions = config.position() instanceof Position.Learned(int offset)
                ? scope.at("position")
                        .table("weight", Shape.of(config.contextLength() + offset, config.width()), normal)
                : null;
        rotary = config.position() instanceof Position.Rotary angles
                ? new RotaryAngles(angles, config.contextLength())
                : null;
        List<Block> stack = new ArrayList<>();
        for (int layer = 0; layer < config.layers(); layer++) {
            stack.add(new Block(scope.at("layers", layer), config, layer));
        }
        blocks = List.copyOf(stack);
        norm = new Norm(scope.at("norm"), config);
        ParamScope output = scope.at("output");
        outputWeight = config.tiedOutput() ? embedding : output.table("weight", table, normal);
        outputBias = config.biases().output()
                ? output.parameter("bias", Shape.of(config.vocabularySize()), Initial.ZEROS)
                : null;
        parameters = scope.parameters();
        explicitMask = false;
    }

    private DecoderTransformer(DecoderTransformer same, boolean explicitMask) {
        config = same.config;
        parameters = same.parameters;
        embedding = same.embedding;
        positions = same.positions;
        rotary = same.rotary;
        blocks = same.blocks;
        norm = same.norm;
        outputWeight = same.outputWeight;
        outputBias = same.outputBias;
        this.explicitMask = explicitMask;
    }

    @Override
    public Var hidden(Pass pass, TokenBatch batch, KvCache... caches) {
        return hidden(pass, batch, state -> {}, caches);
    }

    /// As [Transformer#hidden], showing the stream after the embedding, after each block but the last, and the result.
    Var hidden(Pass pass, TokenBatch batch, Consumer<Var> observer, KvCache... caches) {
        BatchChecks.check(config, pass, batch, caches);
        Sequences sequences = batch.sequences();
        for (int i = 0; i < caches.length; i++) {
            caches[i].reserve(caches[i].length() + sequences.length(i));
        }
        Tensor mask = explicitMask && caches.length == 0 ? config.mask().additive(sequences.longest()) : null;
        Forward forward = new Forward(pass, batch, rotaryTable(batch), mask, caches);
        Var result = pass.scoped(() -> norm.apply(pass, after(blocks.size(), forward, observer)));
        observer.accept(result);
        for (int i = 0; i < caches.length; i++) {
            caches[i].advance(sequences.length(i));
        }
        return result;
    }

    /// The stream after the first `count` blocks. Each scope holds all that came before it, so that at its end nothing
    /// but the stream itself is left.
    private Var after(int count, Forward forward, Consumer<Var> observer) {
        if (count == 0) {
            Var embedded = embed(forward.pass(), forward.batch());
            observer.accept(embedded);
            return embedded;
        }
        Pass pass = forward.pass();
        Block block = blocks.get(count - 1);
        Var y = pass.scoped(() -> {
            Var x = after(count - 1, forward, observer);
            return pass.records() && pass.recomputes()
                    ? pass.recomputed(x, input -> block.apply(forward, input))
                    : block.apply(forward, x);
        });
        if (count < blocks.size()) {
            observer.accept(y);
        }
        return y;
    }

    private Var embed(Pass pass, TokenBatch batch) {
        Var x;
        if (positions != null && config.position() instanceof Position.Learned(int offset)) {
            int[] rows = batch.positions().clone();
            for (int t = 0; t < rows.length; t++) {
                rows[t] += offset;
            }
            x = Embedding.apply(pass, embedding, batch.ids(), positions, rows);
        } else {
            x = Embedding.apply(pass, embedding, batch.ids());
        }
        if (config.embeddingScale() != 1) {
            x = Scale.apply(pass, x, config.embeddingScale());
        }
        return Dropout.apply(pass, x, config.dropout().embedding());
    }

    private @Nullable RotaryTable rotaryTable(TokenBatch batch) {
        if (rotary == null) {
            return null;
        }
        int last = 0;
        for (int position : batch.positions()) {
            last = Math.max(last, position);
        }
        return rotary.covering(last + 1);
    }

    @Override
    public Var logits(Pass pass, Var hidden) {
        return Linear.apply(pass, hidden, outputWeight, outputBias);
    }

    @Override
    public Var logits(Pass pass, Var hidden, int[] rows) {
        return logits(pass, Embedding.apply(pass, hidden, rows));
    }

    @Override
    public Var loss(Pass pass, TokenBatch batch, int[] targets, CrossEntropy.Options options) {
        if (targets.length != batch.tokens()) {
            throw new IllegalArgumentException("a loss needs one target for each token: " + batch.tokens() + " tokens, "
                    + targets.length + " targets");
        }
        Var hidden = hidden(pass, batch);
        return LinearCrossEntropy.apply(pass, hidden, outputWeight, outputBias, targets, options);
    }

    @Override
    public TransformerConfig config() {
        return config;
    }

    @Override
    public List<Parameter> parameters() {
        return parameters;
    }

    @Override
    public long parameterCount() {
        return config.parameterCount();
    }

    @Override
    public KvCache newCache(int capacity) {
        return new KvCache(config, capacity);
    }

    @Override
    public Transformer withExplicitMask() {
        return new DecoderTransformer(this, true);
    }

    @Override
    public void save(Path folder) throws IOException {
        ModelFolder.save(folder, this);
    }

    @Override
    public String toString() {
        return "Transformer[" + parameterCount() + " parameters, " + config.layers() + " layers, width "
                + config.width() + "]";
    }
}
