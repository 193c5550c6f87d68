package io.localcodemodel.tokenizer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.jr.ob.JSON;

/// Reads and writes `tokenizer.json`.
///
/// The sections `truncation` and `padding` are kept and written again, but not applied: a text is never cut unasked.
final class TokenizerJson {

    static final String FILE = "tokenizer.json";

    private static final List<String> SECTIONS = List.of("truncation", "padding");

    private TokenizerJson() {}

    static Tokenizer read(Path file) throws IOException {
        return read(Files.readAllBytes(file), file.toString());
    }

    static Tokenizer read(byte[] json, String file) throws TokenizerFormatException {
        return read(parse(json, file));
    }

    static JsonFields parse(byte[] json, String file) throws TokenizerFormatException {
        Object root;
        try {
            root = JSON.std.anyFrom(json);
        } catch (JacksonException | StackOverflowError e) {
            String found = e.getMessage() == null ? "too many levels" : firstLine(e.getMessage());
            throw new TokenizerFormatException(
                    file, "the JSON", "well-formed JSON", found, "Fetch or write the file again.", e);
        }
        if (!(root instanceof Map<?, ?> map)) {
            throw new TokenizerFormatException(
                    file, "the top level", "an object", JsonFields.describe(root), "Check that it is the right file.");
        }
        return new JsonFields(file, "", map);
    }

    private static String firstLine(String message) {
        int end = message.indexOf('\n');
        return end < 0 ? message : message.substring(0, end);
    }

    private static Tokenizer read(JsonFields root) throws TokenizerFormatException {
        JsonFields normalizer = root.objectOrNull("normalizer");
        JsonFields splitterFields = root.objectOrNull("pre_tokenizer");
        JsonFields postProcessor = root.objectOrNull("post_processor");
        JsonFields decoderFields = root.objectOrNull("decoder");
        Splitter splitter = splitterFields == null ? null : Stages.splitter(splitterFields);
        boolean byteLevel = splitter != null && splitter.byteLevel();
        Decoder decoder = decoderFields == null ? null : Stages.decoder(decoderFields);
        if (decoder == null && byteLevel) {
            // files straight from a trainer name none, and their text could not be read back
            decoder = new ByteLevelDecoder(true, true, true);
        }
        List<AddedToken> added = new ArrayList<>();
        for (JsonFields token : root.objects("added_tokens")) {
            added.add(AddedToken.of(token));
        }
        Tokenizer.Builder builder = Tokenizer.builder()
                .normalizer(normalizer == null ? null : Stages.normalizer(normalizer))
                .splitter(splitter)
                .model(Stages.model(root.object("model"), byteLevel))
                .postProcessor(postProcessor == null ? null : Stages.postProcessor(postProcessor))
                .decoder(decoder)
                .addedTokens(added);
        for (String section : SECTIONS) {
            JsonFields kept = root.objectOrNull(section);
            if (kept != null) {
                builder.keptSection(section, kept.values());
            }
        }
        try {
            return builder.build();
        } catch (IllegalArgumentException e) {
            throw new TokenizerFormatException(
                    root.file(),
                    "added_tokens and post_processor",
                    "tokens that fit the vocabulary",
                    String.valueOf(e.getMessage()),
                    "Change the ids in the file.",
                    e);
        }
    }

    static Map<String, Object> json(Tokenizer tokenizer) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("version", "1.0");
        for (String section : SECTIONS) {
            json.put(section, tokenizer.keptSections().get(section));
        }
        json.put(
                "added_tokens",
                tokenizer.addedTokens().stream().map(AddedToken::json).toList());
        json.put("normalizer", jsonOrNull(tokenizer.normalizer().orElse(null)));
        json.put("pre_tokenizer", jsonOrNull(tokenizer.splitter().orElse(null)));
        json.put("post_processor", jsonOrNull(tokenizer.postProcessor().orElse(null)));
        json.put("decoder", jsonOrNull(tokenizer.decoder().orElse(null)));
        json.put("model", tokenizer.model().json());
        return json;
    }

    private static @Nullable Map<String, Object> jsonOrNull(@Nullable Stage stage) {
        return stage == null ? null : stage.json();
    }

    static void write(Tokenizer tokenizer, Path file) throws IOException {
        SafeFiles.write(file, JSON.std.with(JSON.Feature.WRITE_NULL_PROPERTIES).asBytes(json(tokenizer)));
    }
}
