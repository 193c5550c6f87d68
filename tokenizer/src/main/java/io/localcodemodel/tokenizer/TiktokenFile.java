package io.localcodemodel.tokenizer;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads and writes `.tiktoken` files: on each line the bytes of a token in base 64 and its rank, which is its id.
///
/// Such a file ranks tokens and not pairs: of two neighbours that together spell a token, those with the lowest rank
/// are joined first, whatever tokens they are. A word that is a token is that token.
public final class TiktokenFile {

    /// The longest token of the published files has 128 bytes. A token of `n` bytes is looked at `n` times, so the
    /// limit keeps a hostile file from taking long.
    private static final int LONGEST_TOKEN = 512;

    private static final String NEXT = "Fetch the file again.";

    private TiktokenFile() {}

    /// Reads the file of a published encoding, which is recognised by its name or by the number of its tokens.
    ///
    /// @throws TokenizerFormatException if the file is damaged or not recognised
    /// @throws IOException if it cannot be read
    public static Tokenizer read(Path file) throws IOException {
        List<byte[]> tokens = tokens(Files.readAllBytes(file), file.toString());
        TiktokenEncoding encoding = TiktokenEncoding.of(String.valueOf(file.getFileName()), tokens.size())
                .orElseThrow(() -> new TokenizerFormatException(
                        file.toString(),
                        "the name",
                        "a published encoding: " + Arrays.toString(TiktokenEncoding.values()),
                        tokens.size() + " tokens under another name",
                        "Give the encoding, or the splitter and the special tokens, along with the file."));
        return tokenizer(tokens, encoding);
    }

    /// Reads the file of a given encoding.
    ///
    /// @throws TokenizerFormatException if the file is damaged
    /// @throws IOException if it cannot be read
    public static Tokenizer read(Path file, TiktokenEncoding encoding) throws IOException {
        return tokenizer(tokens(Files.readAllBytes(file), file.toString()), encoding);
    }

    /// Reads a file with a splitter and special tokens of its own.
    ///
    /// @throws TokenizerFormatException if the file is damaged
    /// @throws IOException if it cannot be read
    public static Tokenizer read(Path file, Splitter splitter, Map<String, Integer> specialTokens) throws IOException {
        return tokenizer(tokens(Files.readAllBytes(file), file.toString()), splitter, specialTokens);
    }

    private static Tokenizer tokenizer(List<byte[]> tokens, TiktokenEncoding encoding) {
        Splitter splitter = new SequenceSplitter(
                List.of(PatternSplitter.regex(encoding.pattern()), new ByteLevelSplitter(false, false, false)));
        return tokenizer(tokens, splitter, encoding.specialTokens());
    }

    private static Tokenizer tokenizer(List<byte[]> tokens, Splitter splitter, Map<String, Integer> specialTokens) {
        Tokenizer.Builder builder = Tokenizer.builder()
                .splitter(splitter)
                .model(model(tokens))
                .decoder(new ByteLevelDecoder(false, false, false));
        specialTokens.forEach((content, id) -> builder.addedToken(AddedToken.special(content, id)));
        return builder.build();
    }

    static Bpe model(List<byte[]> tokens) {
        TokenBytes bytes = new TokenBytes(tokens);
        MergeTable.Builder merges = new MergeTable.Builder(tokens.size());
        List<String> spelled = new ArrayList<>(tokens.size());
        for (int id = 0; id < tokens.size(); id++) {
            byte[] token = tokens.get(id);
            spelled.add(ByteAlphabet.spell(token));
            merges.addCuts(token, bytes, id, id);
        }
        return new Bpe(
                Vocabulary.withGaps(spelled), merges.build(), new MergingModel.Settings(null, false, false, true));
    }

    /// Reads the tokens in the order of their ranks; a rank without a token gives an empty one.
    static List<byte[]> tokens(byte[] file, String name) throws TokenizerFormatException {
        List<byte @Nullable []> tokens = new ArrayList<>();
        int line = 1;
        for (int at = 0; at < file.length; line++) {
            int end = at;
            while (end < file.length && file[end] != '\n') {
                end++;
            }
            if (end > at) {
                readLine(Arrays.copyOfRange(file, at, end), name, line, tokens);
            }
            at = end + 1;
        }
        if (tokens.isEmpty()) {
            throw new TokenizerFormatException(name, "line 1", "a token and its rank", "nothing", NEXT);
        }
        List<byte[]> dense = new ArrayList<>(tokens.size());
        for (byte[] token : tokens) {
            dense.add(token == null ? new byte[0] : token);
        }
        return dense;
    }

    private static void readLine(byte[] line, String file, int number, List<byte @Nullable []> tokens)
            throws TokenizerFormatException {
        String text = new String(line, StandardCharsets.ISO_8859_1).strip();
        int space = text.indexOf(' ');
        byte[] token = null;
        int rank = -1;
        try {
            if (space > 0) {
                token = Base64.getDecoder().decode(text.substring(0, space));
                rank = Integer.parseInt(text.substring(space + 1));
            }
        } catch (IllegalArgumentException e) {
            token = null;
        }
        String place = "line " + number;
        if (token == null || token.length == 0 || token.length > LONGEST_TOKEN) {
            throw new TokenizerFormatException(
                    file,
                    place,
                    "1 to " + LONGEST_TOKEN + " bytes in base 64, a space and a rank",
                    JsonFields.describe(text),
                    NEXT);
        }
        if (rank < 0 || rank >= Vocabulary.MAXIMUM_SIZE) {
            throw new TokenizerFormatException(
                    file, place, "a rank from 0 to " + (Vocabulary.MAXIMUM_SIZE - 1), String.valueOf(rank), NEXT);
        }
        while (tokens.size() <= rank) {
            tokens.add(null);
        }
        if (tokens.set(rank, token) != null) {
            throw new TokenizerFormatException(
                    file, place, "a rank of its own", "rank " + rank + " for the second time", NEXT);
        }
    }

    /// Writes the vocabulary of a byte-level BPE tokenizer, without its special tokens and its pattern, for which the
    /// format has no place.
    ///
    /// @throws IllegalArgumentException if the tokens are not in the order in which they are merged, which the format
    ///     takes for granted
    /// @throws IOException if the file cannot be written
    public static void write(Tokenizer tokenizer, Path file) throws IOException {
        if (!(tokenizer.model() instanceof Bpe bpe)) {
            throw new IllegalArgumentException("Only a byte-level BPE vocabulary has ranks, not " + tokenizer.model());
        }
        if (!bpe.merges().ranksFollowIds()) {
            throw new IllegalArgumentException(
                    "The ids of this vocabulary are not in the order of its merges, so a .tiktoken file would mean"
                            + " another vocabulary; save it as tokenizer.json");
        }
        ByteArrayOutputStream lines = new ByteArrayOutputStream();
        for (int id = 0; id < bpe.vocabularySize(); id++) {
            byte[] bytes = ByteAlphabet.bytesOrNone(bpe.token(id));
            if (bytes.length > 0 && !tokenizer.isSpecial(id)) {
                lines.writeBytes(Base64.getEncoder().encode(bytes));
                lines.writeBytes((" " + id + "\n").getBytes(StandardCharsets.US_ASCII));
            }
        }
        SafeFiles.write(file, lines.toByteArray());
    }
}
