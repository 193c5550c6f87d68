package io.localcodemodel.tokenizer;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.jr.ob.JSON;

/// Reads and writes the files of a [TokenizerConfig].
final class TokenizerConfigFiles {

    static final String FILE = "tokenizer_config.json";
    static final String SPECIAL_TOKENS = "special_tokens_map.json";
    static final String TEMPLATE = "chat_template.jinja";
    static final String TEMPLATES = "additional_chat_templates";

    /// The names of the roles in the files and in templates.
    static final Map<String, SpecialRole> ROLES = Map.of(
            "bos_token", SpecialRole.BEGIN_OF_TEXT,
            "eos_token", SpecialRole.END_OF_TEXT,
            "pad_token", SpecialRole.PADDING,
            "unk_token", SpecialRole.UNKNOWN,
            "mask_token", SpecialRole.MASK);
    private static final String CHAT_TEMPLATE = "chat_template";
    private static final String ADD_BEGIN = "add_bos_token";
    private static final String ADD_END = "add_eos_token";
    private static final String INFILLING = "infilling";
    /// In bytes; the largest published ones list some thousand added tokens.
    private static final int LARGEST_FILE = 1 << 24;

    private TokenizerConfigFiles() {}

    /// Reads what there is in a folder.
    static TokenizerConfig read(Path folder) throws IOException {
        TokenizerConfig config = TokenizerConfig.EMPTY;
        if (Files.isRegularFile(folder.resolve(FILE))) {
            config = config(object(folder.resolve(FILE)));
        }
        Map<SpecialRole, String> roles = new EnumMap<>(SpecialRole.class);
        if (Files.isRegularFile(folder.resolve(SPECIAL_TOKENS))) {
            roles.putAll(roles(object(folder.resolve(SPECIAL_TOKENS))));
        }
        roles.putAll(config.roles());
        Map<String, String> templates = new LinkedHashMap<>(config.chatTemplates());
        if (Files.isRegularFile(folder.resolve(TEMPLATE)) && Files.size(folder.resolve(TEMPLATE)) > 0) {
            templates.put(TokenizerConfig.DEFAULT_TEMPLATE, text(folder.resolve(TEMPLATE)));
        }
        if (Files.isDirectory(folder.resolve(TEMPLATES))) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(folder.resolve(TEMPLATES), "*.jinja")) {
                for (Path file : files) {
                    String name = String.valueOf(file.getFileName());
                    templates.putIfAbsent(name.substring(0, name.length() - ".jinja".length()), text(file));
                }
            }
        }
        return new TokenizerConfig(
                roles, config.addBegin(), config.addEnd(), templates, config.infilling(), config.further());
    }

    private static String text(Path file) throws IOException {
        requireSmall(file);
        try {
            return Files.readString(file);
        } catch (CharacterCodingException e) {
            throw new TokenizerFormatException(
                    file.toString(), "the text", "UTF-8", "other bytes", "Fetch or write the file again.", e);
        }
    }

    private static JsonFields object(Path file) throws IOException {
        requireSmall(file);
        return TokenizerJson.parse(Files.readAllBytes(file), file.toString());
    }

    private static void requireSmall(Path file) throws IOException {
        if (Files.size(file) > LARGEST_FILE) {
            throw new TokenizerFormatException(
                    file.toString(),
                    "the size",
                    "at most " + LARGEST_FILE + " bytes",
                    Files.size(file) + " bytes",
                    "Check that it is the right file.");
        }
    }

    /// Reads `tokenizer_config.json`.
    static TokenizerConfig config(JsonFields fields) throws TokenizerFormatException {
        Map<String, @Nullable Object> further = new LinkedHashMap<>();
        fields.values().forEach((name, value) -> further.put(String.valueOf(name), value));
        // a role that the file says nobody has is kept as it is
        further.entrySet().removeIf(entry -> entry.getValue() != null && ROLES.containsKey(entry.getKey()));
        further.keySet().removeAll(List.of(CHAT_TEMPLATE, ADD_BEGIN, ADD_END, INFILLING));
        return new TokenizerConfig(
                roles(fields),
                flag(fields, ADD_BEGIN),
                flag(fields, ADD_END),
                templates(fields),
                flag(fields, INFILLING),
                further);
    }

    private static Optional<Boolean> flag(JsonFields fields, String name) throws TokenizerFormatException {
        return fields.values().get(name) == null ? Optional.empty() : Optional.of(fields.bool(name, false));
    }

    private static Map<SpecialRole, String> roles(JsonFields fields) throws TokenizerFormatException {
        Map<SpecialRole, String> roles = new EnumMap<>(SpecialRole.class);
        for (Map.Entry<String, SpecialRole> role : ROLES.entrySet()) {
            Object value = fields.values().get(role.getKey());
            Object content = value instanceof Map<?, ?> map ? map.get("content") : value;
            if (content instanceof String token) {
                roles.put(role.getValue(), token);
            } else if (content != null) {
                throw fields.refuse(role.getKey(), "a token, or an object with its content");
            }
        }
        return roles;
    }

    private static Map<String, String> templates(JsonFields fields) throws TokenizerFormatException {
        Object value = fields.values().get(CHAT_TEMPLATE);
        if (value == null) {
            return Map.of();
        }
        if (value instanceof String source) {
            return Map.of(TokenizerConfig.DEFAULT_TEMPLATE, source);
        }
        if (!(value instanceof List<?>)) {
            throw fields.refuse(CHAT_TEMPLATE, "a template, or a list of objects with name and template");
        }
        Map<String, String> templates = new LinkedHashMap<>();
        for (JsonFields template : fields.objects(CHAT_TEMPLATE)) {
            templates.put(template.string("name"), template.string("template"));
        }
        return templates;
    }

    /// What the classes of these tokenizers put around a text whatever `tokenizer.json` says, if the files say so.
    static Optional<PostProcessor> framing(TokenIndex tokens, TokenizerConfig config) {
        String type = String.valueOf(config.further().get("tokenizer_class"));
        boolean decides = type.startsWith("Llama") || type.startsWith("CodeLlama") || type.startsWith("Gemma");
        if (!decides || (config.addBegin().isEmpty() && config.addEnd().isEmpty())) {
            return Optional.empty();
        }
        // what the classes do where the files say nothing
        Map<SpecialRole, Integer> roles = tokens.roles(config);
        return Optional.of(TemplatePostProcessor.around(
                tokens::token,
                config.addBegin().orElse(true) ? roles.get(SpecialRole.BEGIN_OF_TEXT) : null,
                config.addEnd().orElse(false) ? roles.get(SpecialRole.END_OF_TEXT) : null));
    }

    /// Returns the tokens with a role by the name of the role. They are guessed only where no file says any: a token that a
    /// file leaves out is not to be shown.
    static Map<String, String> roleTokens(Tokenizer tokenizer) {
        Map<SpecialRole, String> said = tokenizer.config().roles();
        boolean silent =
                said.isEmpty() && tokenizer.config().further().keySet().stream().noneMatch(ROLES::containsKey);
        Map<String, String> tokens = new TreeMap<>();
        ROLES.forEach((name, role) -> {
            if (silent || said.containsKey(role)) {
                tokenizer.special(role).ifPresent(id -> tokens.put(name, tokenizer.token(id)));
            }
        });
        return tokens;
    }

    /// The contents of `tokenizer_config.json` for a tokenizer, with which other software reads `tokenizer.json` as it is.
    static Map<String, @Nullable Object> json(Tokenizer tokenizer) {
        TokenizerConfig config = tokenizer.config();
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("tokenizer_class", "PreTrainedTokenizerFast");
        json.put("clean_up_tokenization_spaces", false);
        json.putAll(config.further());
        json.putAll(roleTokens(tokenizer));
        config.addBegin().ifPresent(flag -> json.put(ADD_BEGIN, flag));
        config.addEnd().ifPresent(flag -> json.put(ADD_END, flag));
        config.infilling().ifPresent(flag -> json.put(INFILLING, flag));
        if (onlyTemplate(config) != null) {
            json.put(CHAT_TEMPLATE, onlyTemplate(config));
        } else if (!config.chatTemplates().isEmpty()) {
            json.put(
                    CHAT_TEMPLATE,
                    config.chatTemplates().entrySet().stream()
                            .map(template ->
                                    JsonFields.objectOf("name", template.getKey(), "template", template.getValue()))
                            .toList());
        }
        return json;
    }

    /// The template for conversations, if it is the only one.
    private static @Nullable String onlyTemplate(TokenizerConfig config) {
        return config.chatTemplates().size() == 1 ? config.chatTemplates().get(TokenizerConfig.DEFAULT_TEMPLATE) : null;
    }

    /// Writes `tokenizer_config.json`, and the only template again to where whoever loads looks first. Several stand in the
    /// former alone, and the file of an earlier one goes, which would win over them.
    static void write(Tokenizer tokenizer, Path folder) throws IOException {
        byte[] json = JSON.std
                .with(JSON.Feature.WRITE_NULL_PROPERTIES, JSON.Feature.PRETTY_PRINT_OUTPUT)
                .asBytes(json(tokenizer));
        SafeFiles.write(folder.resolve(FILE), json);
        String template = onlyTemplate(tokenizer.config());
        if (template == null) {
            Files.deleteIfExists(folder.resolve(TEMPLATE));
        } else {
            SafeFiles.write(folder.resolve(TEMPLATE), template.getBytes(StandardCharsets.UTF_8));
        }
    }
}
