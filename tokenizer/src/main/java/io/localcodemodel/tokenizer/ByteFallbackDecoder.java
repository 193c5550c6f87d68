package io.localcodemodel.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/// Turns tokens like `<0x0A>` into the byte they name (`ByteFallback` of `tokenizer.json`).
public record ByteFallbackDecoder() implements Decoder {

    static final String TYPE = "ByteFallback";

    /// Returns the name of a byte, given as 0 to 255.
    static String name(int value) {
        return "<0x%02X>".formatted(value);
    }

    /// Returns the byte that a token names, 0 to 255, or -1.
    static int value(String token) {
        if (token.length() != 6 || !token.startsWith("<0x") || token.charAt(5) != '>') {
            return -1;
        }
        int high = Character.digit(token.charAt(3), 16);
        int low = Character.digit(token.charAt(4), 16);
        return high < 0 || low < 0 ? -1 : high * 16 + low;
    }

    @Override
    public byte[] decode(byte[] token, boolean first) {
        int value = token.length == 6 ? value(new String(token, StandardCharsets.UTF_8)) : -1;
        return value < 0 ? token : new byte[] {(byte) value};
    }

    @Override
    public Map<String, Object> json() {
        return Map.of("type", TYPE);
    }
}
