package io.localcodemodel.tokenizer;

/// Where a [MetaspaceSplitter] puts a mark before a text.
public enum PrependScheme {
    /// Before every part of a text that lies between added tokens.
    ALWAYS("always"),
    /// Before the first part only, if the text does not begin with an added token.
    FIRST("first"),
    /// Nowhere.
    NEVER("never");

    private final String jsonName;

    PrependScheme(String jsonName) {
        this.jsonName = jsonName;
    }

    /// Returns the name in `tokenizer.json`.
    public String jsonName() {
        return jsonName;
    }

    /// Reads `prepend_scheme`, or the flag `add_prefix_space` of older files.
    static PrependScheme of(JsonFields fields) throws TokenizerFormatException {
        if (!fields.has("prepend_scheme")) {
            return fields.bool("add_prefix_space", true) ? ALWAYS : NEVER;
        }
        String wanted = fields.string("prepend_scheme");
        for (PrependScheme scheme : values()) {
            if (scheme.jsonName.equals(wanted)) {
                return scheme;
            }
        }
        throw fields.refuse("prepend_scheme", "always, first or never");
    }
}
