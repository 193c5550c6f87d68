package io.localcodemodel.training;

import io.localcodemodel.tensor.kernel.Workers;
import io.localcodemodel.tokenizer.Tokenizer;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;

/// Documents as one sequence of tokens, with an end-of-text token before the first, between any two and after the last:
/// `END d₀ END d₁ END … dₙ END`. So every token of a document, its first included, has a token before it from which it
/// is predicted.
///
/// Where the vocabulary has no such token, the documents follow each other directly. Tokens are held in memory, two bytes
/// each for vocabularies of up to 65536 tokens, four bytes otherwise.
public final class TokenStream {
    /// Characters of text that are read before they are encoded, in parallel by document.
    private static final int BATCH_CHARACTERS = 1 << 22;
    private static final int CHUNK = 1 << 20;

    private final int vocabularySize;
    private final OptionalInt endOfText;
    /// Chunks of `char[]` or `int[]`, each of [#CHUNK] tokens.
    private final List<Object> chunks = new ArrayList<>();
    private final boolean narrow;
    private long size;
    private long bytes;
    private int documents;

    private TokenStream(int vocabularySize, OptionalInt endOfText) {
        this.vocabularySize = vocabularySize;
        this.endOfText = endOfText;
        this.narrow = vocabularySize <= 1 << 16;
        endOfText.ifPresent(this::append);
    }

    /// The tokens of some documents, encoded once.
    ///
    /// @param workers who encodes; the result does not depend on their number
    /// @throws CorpusException if a document changed or cannot be encoded
    public static TokenStream of(Documents documents, Tokenizer tokenizer, Workers workers) {
        TokenStream stream = new TokenStream(tokenizer.vocabularySize(), tokenizer.endOfText());
        List<String> texts = new ArrayList<>();
        long characters = 0;
        int first = 0;
        for (String text : documents) {
            texts.add(text);
            characters += text.length();
            if (characters >= BATCH_CHARACTERS) {
                stream.encode(texts, documents, first, tokenizer, workers);
                first += texts.size();
                texts.clear();
                characters = 0;
            }
        }
        stream.encode(texts, documents, first, tokenizer, workers);
        stream.bytes = documents.bytes();
        return stream;
    }

    /// Documents that are tokens already.
    ///
    /// @param endOfText the token that goes around them, if any
    /// @param bytes the UTF-8 bytes of their texts, for bits per byte
    public static TokenStream of(int vocabularySize, OptionalInt endOfText, long bytes, int[]... documents) {
        TokenStream stream = new TokenStream(vocabularySize, endOfText);
        for (int[] document : documents) {
            stream.append(document);
        }
        stream.bytes = bytes;
        return stream;
    }

    private void encode(List<String> texts, Documents documents, int first, Tokenizer tokenizer, Workers workers) {
        int[][] encoded = new int[texts.size()][];
        workers.run(texts.size(), (index, scratch) -> {
            try {
                encoded[index] = tokenizer.encode(texts.get(index));
            } catch (IllegalArgumentException e) {
                throw new CorpusException(documents.path(first + index) + " cannot be encoded: " + e.getMessage(), e);
            }
        });
        for (int[] document : encoded) {
            append(document);
        }
    }

    private void append(int[] document) {
        if (document.length == 0) {
            return;
        }
        for (int id : document) {
            append(id);
        }
        endOfText.ifPresent(this::append);
        documents++;
    }

    private void append(int id) {
        if (id < 0 || id >= vocabularySize) {
            throw new IllegalArgumentException(
                    "token " + id + " lies outside of the vocabulary of " + vocabularySize + " tokens");
        }
        int at = (int) (size % CHUNK);
        if (at == 0) {
            chunks.add(narrow ? new char[CHUNK] : new int[CHUNK]);
        }
        switch (chunks.getLast()) {
            case char[] chunk -> chunk[at] = (char) id;
            case int[] chunk -> chunk[at] = id;
            default -> throw new AssertionError();
        }
        size++;
    }

    /// Copies `count` tokens from `from` on.
    ///
    /// @throws IndexOutOfBoundsException if the stream or the target ends before
    public void copy(long from, int[] target, int offset, int count) {
        Objects.checkFromIndexSize(from, count, size);
        int done = 0;
        while (done < count) {
            int at = (int) ((from + done) % CHUNK);
            int run = Math.min(count - done, CHUNK - at);
            switch (chunks.get((int) ((from + done) / CHUNK))) {
                case char[] chunk -> {
                    for (int i = 0; i < run; i++) {
                        target[offset + done + i] = chunk[at + i];
                    }
                }
                case int[] chunk -> System.arraycopy(chunk, at, target, offset + done, run);
                default -> throw new AssertionError();
            }
            done += run;
        }
    }

    /// The number of tokens, those that end texts included.
    public long size() {
        return size;
    }

    /// The UTF-8 bytes of the documents' texts.
    public long bytes() {
        return bytes;
    }

    /// How many documents there are; those without a token are not counted.
    public int documents() {
        return documents;
    }

    /// How many different tokens the vocabulary has.
    public int vocabularySize() {
        return vocabularySize;
    }

    /// The token around the documents, if the vocabulary has one.
    public OptionalInt endOfText() {
        return endOfText;
    }

    /// The memory the tokens take.
    public long memoryBytes() {
        return (long) chunks.size() * CHUNK * (narrow ? Character.BYTES : Integer.BYTES);
    }

    /// The SHA-256, in hexadecimal, of all tokens: equal only for the same texts under the same tokenizer.
    public String hash() {
        MessageDigest digest = PathHash.sha256();
        int[] ids = new int[CHUNK];
        ByteBuffer bytes = ByteBuffer.allocate(CHUNK * Integer.BYTES);
        for (long from = 0; from < size; from += CHUNK) {
            int count = (int) Math.min(CHUNK, size - from);
            copy(from, ids, 0, count);
            bytes.clear();
            bytes.asIntBuffer().put(ids, 0, count);
            digest.update(bytes.limit(count * Integer.BYTES));
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    @Override
    public String toString() {
        return "TokenStream[" + size + " tokens of " + documents + " documents, " + bytes + " bytes]";
    }
}
