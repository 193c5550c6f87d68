package io.localcodemodel.model.file;

import io.localcodemodel.model.ModelFormatException;
import io.localcodemodel.model.Position;
import io.localcodemodel.model.TransformerConfig;
import io.localcodemodel.tensor.BlockStorage;
import io.localcodemodel.tensor.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// A model in the first `.bin` format of llama2.c, mapped into memory; reading only.
///
/// Seven little-endian 32-bit numbers (width, feed-forward width, layers, heads, key heads, vocabulary size, context
/// length), then 32-bit floats without names: the embedding table, for each kind of weight all layers, the last norm,
/// two tables of rotary angles that are not needed, and the output projection where the vocabulary size is negative.
/// Tensors get the names of Hugging Face's LLaMA; pairs of rotated elements are neighbours, other than there.
public final class Llama2cFile implements TensorFile {
    private static final int HEADER = 7 * Integer.BYTES;
    /// The format has no word for it; llama2.c computes with this one.
    private static final double THETA = 10_000;

    private final MappedFile file;
    private final TransformerConfig config;
    private final SequencedMap<String, TensorEntry> entries = new LinkedHashMap<>();

    private Llama2cFile(MappedFile file) throws ModelFormatException {
        this.file = file;
        this.config = config();
        layOut();
    }

    /// Opens a file and checks its length against its header.
    ///
    /// @throws ModelFormatException if the two do not fit
    public static Llama2cFile open(Path path) throws IOException {
        return MappedFile.open(path, Llama2cFile::new);
    }

    private TransformerConfig config() throws ModelFormatException {
        if (file.data().byteSize() < HEADER) {
            throw refuse("expected at least the " + HEADER + " bytes of the header, found a file of "
                    + file.data().byteSize() + " bytes");
        }
        int[] header = file.data().asSlice(0, HEADER).toArray(Elements.INT);
        TransformerConfig read;
        try {
            read = TransformerConfig.llama()
                    .width(header[0])
                    .feedForwardWidth(header[1])
                    .layers(header[2])
                    .heads(header[3])
                    .kvHeads(header[4])
                    .vocabularySize(Math.abs(header[5]))
                    .contextLength(header[6])
                    .tiedOutput(header[5] > 0)
                    .position(Position.Rotary.of(THETA).asInterleaved())
                    .build();
        } catch (IllegalArgumentException conflict) {
            throw new ModelFormatException(
                    path() + ": the header is not that of a llama2.c model: " + conflict.getMessage(), conflict);
        }
        long angles = (long) read.contextLength() * read.headSize();
        long parameters = read.parameterCount();
        long expected = parameters > Long.MAX_VALUE / 8 ? Long.MAX_VALUE : HEADER + 4 * (parameters + angles);
        if (expected != file.data().byteSize()) {
            throw refuse("its header (width " + read.width() + ", " + read.layers() + " layers, vocabulary "
                    + read.vocabularySize() + ") asks for " + expected + " bytes, found a file of "
                    + file.data().byteSize()
                    + " bytes");
        }
        return read;
    }

    private ModelFormatException refuse(String problem) {
        return ModelFormatException.of(
                path(),
                List.of(problem),
                "The file is damaged or no llama2.c model of the first format; fetch it again.");
    }

    private void layOut() {
        int width = config.width();
        int hidden = config.feedForwardWidth();
        int query = config.heads() * config.headSize();
        int key = config.kvHeads() * config.headSize();
        Shape table = Shape.of(config.vocabularySize(), width);
        long at = add(HEADER, "model.embed_tokens.weight", table);
        at = addLayers(at, "input_layernorm", Shape.of(width));
        at = addLayers(at, "self_attn.q_proj", Shape.of(query, width));
        at = addLayers(at, "self_attn.k_proj", Shape.of(key, width));
        at = addLayers(at, "self_attn.v_proj", Shape.of(key, width));
        at = addLayers(at, "self_attn.o_proj", Shape.of(width, query));
        at = addLayers(at, "post_attention_layernorm", Shape.of(width));
        at = addLayers(at, "mlp.gate_proj", Shape.of(hidden, width));
        at = addLayers(at, "mlp.down_proj", Shape.of(width, hidden));
        at = addLayers(at, "mlp.up_proj", Shape.of(hidden, width));
        at = add(at, "model.norm.weight", Shape.of(width));
        at += 4L * config.contextLength() * config.headSize();
        if (!config.tiedOutput()) {
            add(at, "lm_head.weight", table);
        }
    }

    private long addLayers(long at, String name, Shape shape) {
        long next = at;
        for (int layer = 0; layer < config.layers(); layer++) {
            next = add(next, "model.layers." + layer + "." + name + ".weight", shape);
        }
        return next;
    }

    private long add(long at, String name, Shape shape) {
        TensorEntry entry = new TensorEntry(name, ElementType.F32, shape, at);
        entries.put(name, entry);
        return at + entry.byteLength();
    }

    /// What the model computes.
    public TransformerConfig modelConfig() {
        return config;
    }

    @Override
    public Path path() {
        return file.path();
    }

    @Override
    public SequencedMap<String, TensorEntry> entries() {
        return Collections.unmodifiableSequencedMap(entries);
    }

    @Override
    public void read(String name, float[] target, int offset) {
        file.read(entry(name), target, offset);
    }

    @Override
    public BlockStorage storage(String name) {
        return file.storage(entry(name));
    }

    @Override
    public void close() {
        file.close();
    }
}
