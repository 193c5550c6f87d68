package io.localcodemodel.model;

import io.localcodemodel.model.family.Families;
import io.localcodemodel.model.file.Llama2cFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;

/// A model in a single file that holds its config too.
final class ModelFile {
    private ModelFile() {}

    static boolean handles(Path file) {
        return suffix(file, ".bin");
    }

    static Transformer load(Path file) throws IOException {
        try (Llama2cFile weights = Llama2cFile.open(file)) {
            return ModelFolder.read(Families.llama(), weights.modelConfig(), file, weights);
        }
    }

    private static boolean suffix(Path file, String suffix) {
        return String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT).endsWith(suffix);
    }
}
