package io.localcodemodel.model;

import io.localcodemodel.model.family.Families;
import io.localcodemodel.model.family.Family;
import io.localcodemodel.model.family.GgufModels;
import io.localcodemodel.model.file.GgufFile;
import io.localcodemodel.model.file.Llama2cFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/// A model in a single file that holds its config too.
final class ModelFile {
    private ModelFile() {}

    static boolean handles(Path file) throws IOException {
        return GgufFile.recognises(file)
                || (Files.isRegularFile(file)
                        && file.toString().toLowerCase(Locale.ROOT).endsWith(".bin"));
    }

    static Transformer load(Path file) throws IOException {
        if (GgufFile.recognises(file)) {
            try (GgufFile weights = GgufFile.open(file)) {
                Family family = GgufModels.family(weights);
                TransformerConfig config = ModelFolder.config(family, file, GgufModels.fields(weights));
                return ModelFolder.read(family, config, file, weights);
            }
        }
        try (Llama2cFile weights = Llama2cFile.open(file)) {
            return ModelFolder.read(Families.llama(), weights.modelConfig(), file, weights);
        }
    }
}
