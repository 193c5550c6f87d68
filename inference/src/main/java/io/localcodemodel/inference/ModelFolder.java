package io.localcodemodel.inference;

import io.localcodemodel.model.ModelFormatException;
import io.localcodemodel.model.Transformer;
import io.localcodemodel.model.file.FileReplacement;
import io.localcodemodel.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Reads and writes the files of a model folder as one.
///
/// **An interrupted save.** All files are first written into the folder `.saving` inside the model folder and forced to
/// the disk. Renaming it to `.saved` is the moment at which the new model replaces the old one. Then its files are moved
/// into place one by one and the empty folder is deleted; whoever loads or saves next finishes a move that was cut
/// off. An empty file there says that the new model has no such file. What lies in `.saving` was never complete and is thrown away by the next save.
final class ModelFolder {
    static final String CONFIG = "config.json";
    static final String TOKENIZER = "tokenizer.json";
    static final String GENERATION = "generation_config.json";
    private static final String CHAT_TEMPLATE = "chat_template.jinja";
    private static final String SAVING = ".saving";
    private static final String SAVED = ".saved";

    private ModelFolder() {}

    /// What a folder holds.
    record Contents(Transformer transformer, Tokenizer tokenizer, GenerationDefaults defaults) {}

    static Contents load(Path folder) throws IOException {
        if (Files.isDirectory(folder.resolve(SAVED))) {
            install(folder);
        }
        requireFiles(folder);
        Tokenizer tokenizer = Tokenizer.load(folder);
        Transformer transformer = Transformer.load(folder);
        String misfit = CodeModel.misfit(transformer, tokenizer);
        if (misfit != null) {
            throw new ModelFormatException(folder + ": " + misfit);
        }
        Path generation = folder.resolve(GENERATION);
        GenerationDefaults defaults = Files.exists(generation)
                ? GenerationDefaults.read(generation, tokenizer)
                : GenerationDefaults.of(tokenizer);
        return new Contents(transformer, tokenizer, defaults);
    }

    private static void requireFiles(Path folder) throws ModelFormatException {
        if (!Files.isDirectory(folder)) {
            throw new ModelFormatException(folder + ": expected a model folder, found "
                    + (Files.exists(folder) ? "a file" : "nothing")
                    + ". Train a model and save it with CodeModel.save, or name the folder of one.");
        }
        List<String> missing = new ArrayList<>();
        for (String name : List.of(CONFIG, TOKENIZER)) {
            if (!Files.isRegularFile(folder.resolve(name))) {
                missing.add(name);
            }
        }
        if (!missing.isEmpty()) {
            throw new ModelFormatException(folder + ": this folder holds no whole model, it lacks "
                    + String.join(" and ", missing)
                    + ". A model folder holds config.json, tokenizer.json and model.safetensors.");
        }
    }

    static void save(Path folder, Transformer transformer, Tokenizer tokenizer) throws IOException {
        if (Files.isDirectory(folder.resolve(SAVED))) {
            install(folder);
        }
        write(folder, transformer, tokenizer);
        install(folder);
    }

    /// Writes the new model beside the old one, up to and including the moment at which it replaces it.
    static void write(Path folder, Transformer transformer, Tokenizer tokenizer) throws IOException {
        Path saving = folder.resolve(SAVING);
        Files.createDirectories(folder);
        deleteFolder(saving);
        Files.createDirectory(saving);
        transformer.save(saving);
        tokenizer.save(saving);
        FileReplacement generation = FileReplacement.of(saving.resolve(GENERATION));
        generation.write(GenerationDefaults.json(tokenizer).getBytes(StandardCharsets.UTF_8));
        generation.commit();
        if (!Files.exists(saving.resolve(CHAT_TEMPLATE))) {
            // the file of an earlier model's template would win over what this one says
            Files.createFile(saving.resolve(CHAT_TEMPLATE));
        }
        FileReplacement.forceFolder(saving);
        new FileReplacement(folder.resolve(SAVED), saving).commit();
        FileReplacement.forceFolder(folder);
    }

    /// Moves the files of a saved model into place.
    private static void install(Path folder) throws IOException {
        Path saved = folder.resolve(SAVED);
        for (Path file : list(saved)) {
            if (Files.size(file) == 0) {
                Files.deleteIfExists(folder.resolve(file.getFileName()));
                Files.delete(file);
            } else {
                new FileReplacement(folder.resolve(file.getFileName()), file).commit();
            }
        }
        FileReplacement.forceFolder(folder);
        Files.delete(saved);
    }

    private static List<Path> list(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }

    private static void deleteFolder(Path folder) throws IOException {
        if (Files.isDirectory(folder)) {
            for (Path file : list(folder)) {
                Files.delete(file);
            }
            Files.delete(folder);
        }
    }
}
