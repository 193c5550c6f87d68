package io.localcodemodel.tokenizer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Chooses the reader and the writer of a file by its name. A new format is one class and one line in each table.
final class TokenizerFiles {

    /// The readers by the end of the file name, most specific first.
    private static final Map<String, Reader> READERS = new LinkedHashMap<>();

    static {
        READERS.put(".json", TokenizerJson::read);
        READERS.put(".tiktoken", TiktokenFile::read);
        READERS.put(".model", SentencePieceFile::read);
        READERS.put(".bin", Llama2cFile::read);
    }

    /// The writers of the files that hold a tokenizer alone.
    private static final Map<String, Writer> WRITERS = new LinkedHashMap<>();

    static {
        WRITERS.put(".json", TokenizerJson::write);
        WRITERS.put(".model", SentencePieceFile::write);
        WRITERS.put(".bin", Llama2cFile::write);
    }

    /// The ends of the names of other files of a model's folder.
    private static final List<String> PARTS = List.of(
            ".tiktoken",
            ".txt",
            ".jinja",
            MergesFile.VOCABULARY,
            TokenizerConfigFiles.FILE,
            TokenizerConfigFiles.SPECIAL_TOKENS,
            "config.json",
            "added_tokens.json");

    private static final String SENTENCE_PIECE = "tokenizer.model";
    private static final String LLAMA2C = "tokenizer.bin";

    private TokenizerFiles() {}

    static Tokenizer read(Path path) throws IOException {
        return Files.isDirectory(path)
                ? readFile(find(path)).withConfig(TokenizerConfigFiles.read(path))
                : readFile(path);
    }

    private static Tokenizer readFile(Path file) throws IOException {
        String name = String.valueOf(file.getFileName());
        if (name.equals(MergesFile.VOCABULARY)) {
            return MergesFile.read(file, file.resolveSibling(MergesFile.MERGES));
        }
        for (Map.Entry<String, Reader> reader : READERS.entrySet()) {
            if (name.endsWith(reader.getKey())) {
                return reader.getValue().read(file);
            }
        }
        throw new TokenizerFormatException(
                file.toString(),
                "the name",
                "one that ends in " + String.join(", ", READERS.keySet()),
                name,
                name.endsWith(".gguf")
                        ? "Read the metadata of the file and hand them to GgufVocabulary.read, or load the whole model."
                        : "Rename the file, or call the reader of its format.");
    }

    static void write(Tokenizer tokenizer, Path path) throws IOException {
        String name = String.valueOf(path.getFileName());
        if (Files.isDirectory(path)) {
            writeFolder(tokenizer, path);
            return;
        }
        if (PARTS.stream().anyMatch(name::endsWith)) {
            throw new IllegalArgumentException(
                    ("Cannot save a tokenizer as %s: expected a folder or a file that ends in %s, found the name of a"
                                    + " file that holds no tokenizer alone. Save to its folder instead.")
                            .formatted(path, String.join(", ", WRITERS.keySet())));
        }
        for (Map.Entry<String, Writer> writer : WRITERS.entrySet()) {
            if (name.endsWith(writer.getKey())) {
                writer.getValue().write(tokenizer, path);
                return;
            }
        }
        writeFolder(tokenizer, path);
    }

    private static void writeFolder(Tokenizer tokenizer, Path folder) throws IOException {
        TokenizerJson.write(tokenizer, folder.resolve(TokenizerJson.FILE));
        TokenizerConfigFiles.write(tokenizer, folder);
    }

    private static Path find(Path folder) throws IOException {
        for (String name : new String[] {TokenizerJson.FILE, MergesFile.VOCABULARY, SENTENCE_PIECE, LLAMA2C}) {
            if (Files.exists(folder.resolve(name))) {
                return folder.resolve(name);
            }
        }
        throw new NoSuchFileException(
                folder.toString(),
                null,
                "the folder has no " + TokenizerJson.FILE + ", " + MergesFile.VOCABULARY + ", " + SENTENCE_PIECE
                        + " or " + LLAMA2C + "; check that it is the folder of a model");
    }

    @FunctionalInterface
    private interface Reader {

        Tokenizer read(Path file) throws IOException;
    }

    @FunctionalInterface
    private interface Writer {

        void write(Tokenizer tokenizer, Path file) throws IOException;
    }
}
