package io.localcodemodel.tokenizer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/// Chooses the reader of a file by its name. A new format is one class and one line here.
final class TokenizerFiles {

    /// The readers by the end of the file name, most specific first.
    private static final Map<String, Reader> READERS = new LinkedHashMap<>();

    static {
        READERS.put(".json", TokenizerJson::read);
        READERS.put(".tiktoken", TiktokenFile::read);
        READERS.put(".model", SentencePieceFile::read);
        READERS.put(".bin", Llama2cFile::read);
    }

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
                "Rename the file, or call the reader of its format.");
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
}
