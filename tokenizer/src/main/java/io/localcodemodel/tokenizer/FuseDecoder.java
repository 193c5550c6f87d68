package io.localcodemodel.tokenizer;

import java.util.Map;

/// Puts the tokens together without anything between them (`Fuse` of `tokenizer.json`).
public record FuseDecoder() implements Decoder {

    static final String TYPE = "Fuse";

    @Override
    public byte[] decode(byte[] token, boolean first) {
        return token;
    }

    @Override
    public Map<String, Object> json() {
        return Map.of("type", TYPE);
    }
}
