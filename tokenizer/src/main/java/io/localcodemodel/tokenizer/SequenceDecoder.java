package io.localcodemodel.tokenizer;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Decodes with one decoder after the other (`Sequence` of `tokenizer.json`).
///
/// What follows a [FuseDecoder] sees the text as one token, of which it can change the beginning only: it is applied
/// to the first token.
///
/// @param decoders the decoders in order
public record SequenceDecoder(List<Decoder> decoders) implements Decoder {

    static final String TYPE = "Sequence";

    /// Takes a copy of the list.
    public SequenceDecoder {
        decoders = List.copyOf(decoders);
    }

    static SequenceDecoder of(JsonFields fields) throws TokenizerFormatException {
        List<Decoder> decoders = new ArrayList<>();
        boolean fused = false;
        for (JsonFields element : fields.objects("decoders")) {
            Decoder decoder = Stages.decoder(element);
            if (fused && decoder instanceof StripDecoder strip && strip.stop() > 0) {
                throw element.refuse("stop", "0 after Fuse, since the end of a text is not known while it is decoded");
            }
            if (fused && !(decoder instanceof StripDecoder || decoder instanceof FuseDecoder)) {
                throw element.refuse("type", "Strip after Fuse, since a text is decoded token by token");
            }
            fused |= decoder instanceof FuseDecoder;
            decoders.add(decoder);
        }
        return new SequenceDecoder(decoders);
    }

    @Override
    public byte[] decode(byte[] token, boolean first) {
        byte[] piece = token;
        boolean fused = false;
        for (Decoder decoder : decoders) {
            if (!fused || first) {
                piece = decoder.decode(piece, first);
            }
            fused |= decoder instanceof FuseDecoder;
        }
        return piece;
    }

    @Override
    public boolean goesOn(byte[] token) {
        return decoders.stream().anyMatch(decoder -> decoder.goesOn(token));
    }

    @Override
    public Map<String, Object> json() {
        return JsonFields.objectOf(
                "type", TYPE, "decoders", decoders.stream().map(Stage::json).toList());
    }
}
