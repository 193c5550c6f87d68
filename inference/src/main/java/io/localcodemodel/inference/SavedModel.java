package io.localcodemodel.inference;

import io.localcodemodel.model.MappedModel;
import io.localcodemodel.model.ModelFormatException;
import io.localcodemodel.model.Transformer;
import io.localcodemodel.model.file.FileReplacement;
import io.localcodemodel.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Reads and writes the files of a model folder as one.
///
/// **An interrupted save.** All files are first written into the folder `.saving` inside the model folder and forced to
/// the disk. Renaming it to `.saved` is the moment at which the new model replaces the old one. Then its files are moved
/// into place one by one and the empty folder is deleted; whoever loads or saves next finishes a move that was cut
/// off. An empty file there says that the new model has no such file. What lies in `.saving` was never complete and is
/// thrown away by the next save.
///
/// **A load during a save** reads again if the folder was not the same before and after, so that it returns one model or
/// the other and no mixture.
final class SavedModel {
    static final String CONFIG = "config.json";
    static final String TOKENIZER = "tokenizer.json";
    static final String GENERATION = "generation_config.json";
    private static final String CHAT_TEMPLATE = "chat_template.jinja";
    /// The files whose replacement is noticed: those that a save writes.
    private static final List<String> STATE = List.of(
            CONFIG, "model.safetensors", TOKENIZER, "tokenizer_config.json", CHAT_TEMPLATE, GENERATION, ".saved");
    private static final int MOST_ATTEMPTS = 20;
    private static final String SAVING = ".saving";
    private static final String SAVED = ".saved";

    private SavedModel() {}

    /// What a folder holds.
    ///
    /// @param mapped what the transformer's weights lie in, if they are not in memory
    record Contents(
            Transformer transformer,
            Tokenizer tokenizer,
            GenerationDefaults defaults,
            @Nullable MappedModel mapped) {
        void close() {
            if (mapped != null) {
                mapped.close();
            }
        }
    }

    /// @param inPlace whether the weights stay in their files
    static Contents load(Path folder, boolean inPlace) throws IOException {
        Set<String> before = state(folder);
        for (int attempt = 1; ; attempt++) {
            try {
                Contents contents = read(folder, inPlace);
                if (before.equals(state(folder))) {
                    return contents;
                }
                contents.close();
            } catch (IOException | RuntimeException unreadable) {
                if (before.equals(state(folder))) {
                    throw unreadable;
                }
            }
            if (attempt == MOST_ATTEMPTS) {
                throw new IOException(folder + ": expected a folder that stays as it is while it is read, but in "
                        + MOST_ATTEMPTS + " attempts files changed each time. Load it when nobody is saving into it.");
            }
            before = state(folder);
        }
    }

    /// Which files a folder has, and which contents of each: a file that was put in place is another one.
    private static Set<String> state(Path folder) throws IOException {
        Set<String> state = new TreeSet<>();
        for (String name : STATE) {
            try {
                BasicFileAttributes file = Files.readAttributes(folder.resolve(name), BasicFileAttributes.class);
                state.add(name + ' ' + file.fileKey() + ' ' + file.size() + ' ' + file.lastModifiedTime());
            } catch (NoSuchFileException missing) {
                state.add(name + " is not there");
            }
        }
        return state;
    }

    private static Contents read(Path folder, boolean inPlace) throws IOException {
        install(folder);
        requireModel(folder);
        Tokenizer tokenizer = Tokenizer.load(folder);
        Path generation = folder.resolve(GENERATION);
        GenerationDefaults defaults = Files.exists(generation)
                ? GenerationDefaults.read(generation, tokenizer)
                : GenerationDefaults.of(tokenizer);
        MappedModel mapped = inPlace ? MappedModel.open(folder) : null;
        Transformer transformer = mapped == null ? Transformer.load(folder) : mapped.transformer();
        Contents contents = new Contents(transformer, tokenizer, defaults, mapped);
        String misfit = CodeModel.misfit(transformer, tokenizer);
        if (misfit != null) {
            contents.close();
            throw new ModelFormatException(folder + ": " + misfit);
        }
        return contents;
    }

    private static void requireModel(Path folder) throws ModelFormatException {
        if (!Files.isDirectory(folder)) {
            throw new ModelFormatException(folder + ": expected a model folder or a GGUF file, found "
                    + (Files.exists(folder) ? "a file that is neither" : "nothing")
                    + ". Train a model and save it with CodeModel.save, or name the folder of one.");
        }
        if (!Files.isRegularFile(folder.resolve(CONFIG))) {
            throw new ModelFormatException(folder + ": this folder holds no whole model, it lacks " + CONFIG
                    + ". A model folder holds config.json, model.safetensors and the files of a tokenizer, such as"
                    + " tokenizer.json.");
        }
    }

    static void save(Path folder, Transformer transformer, Tokenizer tokenizer, GenerationDefaults defaults)
            throws IOException {
        install(folder);
        write(folder, transformer, tokenizer, defaults);
        install(folder);
    }

    /// Writes the new model beside the old one, up to and including the moment at which it replaces it.
    static void write(Path folder, Transformer transformer, Tokenizer tokenizer, GenerationDefaults defaults)
            throws IOException {
        Path saving = folder.resolve(SAVING);
        Files.createDirectories(folder);
        deleteFolder(saving);
        Files.createDirectory(saving);
        transformer.save(saving);
        tokenizer.save(saving);
        FileReplacement generation = FileReplacement.of(saving.resolve(GENERATION));
        generation.write(defaults.json(tokenizer).getBytes(StandardCharsets.UTF_8));
        generation.commit();
        if (!Files.exists(saving.resolve(CHAT_TEMPLATE))) {
            // the file of an earlier model's template would win over what this one says
            Files.createFile(saving.resolve(CHAT_TEMPLATE));
        }
        FileReplacement.forceFolder(saving);
        new FileReplacement(folder.resolve(SAVED), saving).commit();
    }

    /// Moves the files of a saved model into place, if one waits. Others may be at it, too: a file that is gone was moved by
    /// one of them.
    private static void install(Path folder) throws IOException {
        Path saved = folder.resolve(SAVED);
        if (!Files.isDirectory(saved)) {
            return;
        }
        for (Path file : waiting(saved)) {
            try {
                Path target = folder.resolve(file.getFileName());
                new FileReplacement(target, file).commit();
                if (Files.size(target) == 0) {
                    Files.deleteIfExists(target);
                }
            } catch (NoSuchFileException moved) {
                // By another.
            }
        }
        try {
            Files.deleteIfExists(saved);
        } catch (DirectoryNotEmptyException renewed) {
            // The next save is complete already, and whoever made it moves its files.
        }
    }

    private static List<Path> waiting(Path saved) throws IOException {
        try {
            return list(saved);
        } catch (NoSuchFileException moved) {
            return List.of();
        }
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
