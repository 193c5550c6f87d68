package io.localcodemodel.model;

import io.localcodemodel.model.file.TensorFile;
import java.io.IOException;
import java.nio.file.Path;

/// The model of a folder whose weights stay in its safetensors files.
final class MappedFolder implements MappedModel {
    private final Path folder;
    private final TensorFile weights;
    private final Transformer transformer;
    private volatile boolean closed;

    private MappedFolder(Path folder, TensorFile weights, Transformer transformer) {
        this.folder = folder;
        this.weights = weights;
        this.transformer = transformer;
    }

    static MappedFolder open(Path folder) throws IOException {
        TensorFile weights = ModelFolder.openWeights(folder);
        try {
            return new MappedFolder(folder, weights, ModelFolder.read(folder, weights, FrozenWeights::read));
        } catch (IOException | RuntimeException refused) {
            weights.close();
            throw refused;
        }
    }

    @Override
    public Transformer transformer() {
        if (closed) {
            throw FrozenWeights.gone(path());
        }
        return transformer;
    }

    @Override
    public Path path() {
        return folder;
    }

    @Override
    public void close() {
        closed = true;
        weights.close();
    }
}
