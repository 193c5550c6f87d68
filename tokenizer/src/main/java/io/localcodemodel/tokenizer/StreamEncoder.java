package io.localcodemodel.tokenizer;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/// Encodes UTF-8 from a stream part by part, so that only a part is held in memory.
///
/// A part ends before a space or line feed that follows an ASCII letter. Where the stages allow no cut there, or the
/// text has no such place, the buffer grows.
final class StreamEncoder {

    static final int PART = 1 << 20;

    private final Encoder encoder;
    private final EncodeOptions options;
    private final boolean cuts;
    private byte[] buffer;
    private int length;

    StreamEncoder(Encoder encoder, EncodeOptions options, int part) {
        if (options.frame()) {
            throw new IllegalArgumentException(
                    "A stream is not framed; take options without frame, and add the tokens around it");
        }
        this.encoder = encoder;
        this.options = options;
        this.cuts = encoder.pipeline().mayBeCut();
        this.buffer = new byte[part];
    }

    /// Encodes all of a stream and returns the number of tokens.
    long encode(InputStream utf8, TokenSink sink) throws IOException {
        long count = 0;
        boolean more = true;
        while (more) {
            if (length == buffer.length) {
                buffer = Arrays.copyOf(buffer, Math.multiplyExact(length, 2));
            }
            int read = utf8.readNBytes(buffer, length, buffer.length - length);
            length += read;
            more = length == buffer.length;
            int end = more ? lastCut() : length;
            if (end > 0) {
                count += encoder.encodePart(buffer, end, options, sink);
                System.arraycopy(buffer, end, buffer, 0, length - end);
                length -= end;
            }
        }
        return count;
    }

    /// Returns the last place where the buffer may be cut, or 0.
    private int lastCut() {
        for (int at = cuts ? length - 1 : 0; at > 0; at--) {
            if (TextParts.mayCut(buffer[at - 1], buffer[at])) {
                return at;
            }
        }
        return 0;
    }
}
