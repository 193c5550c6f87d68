package io.localcodemodel.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// A BPE vocabulary as SentencePiece keeps it: pieces with scores, of which the higher is merged first.
///
/// Any two neighbours that together spell a piece may be merged. Spaces are written `▁`, and one is put before a text.
final class SentencePieces {

    static final String SPACE = "▁";

    /// What a piece is; the numbers are those of the file.
    enum Kind {
        NORMAL(1),
        UNKNOWN(2),
        CONTROL(3),
        USER_DEFINED(4),
        UNUSED(5),
        BYTE(6);

        private final int number;

        Kind(int number) {
            this.number = number;
        }

        int number() {
            return number;
        }
    }

    /// One piece.
    record Piece(String text, float score, Kind kind) {}

    /// A piece of `n` bytes is cut in `n` ways, and compared with each place of a text, so the limit keeps a hostile
    /// file from taking long.
    static final int LONGEST_PIECE = 512;

    private final List<Piece> pieces;
    private final String file;

    SentencePieces(List<Piece> pieces, String file) {
        this.pieces = pieces;
        this.file = file;
    }

    /// Returns the tokenizer.
    ///
    /// @param addPrefixSpace whether a space is put before a text
    /// @param beginId the id of the token that is put before a framed text, or -1
    Tokenizer tokenizer(boolean addPrefixSpace, int beginId) throws TokenizerFormatException {
        List<Normalizer> normalizers = new ArrayList<>();
        if (addPrefixSpace) {
            normalizers.add(new PrependNormalizer(SPACE));
        }
        normalizers.add(new ReplaceNormalizer(" ", SPACE));
        List<Decoder> decoders =
                new ArrayList<>(List.of(new ReplaceDecoder(SPACE, " "), new ByteFallbackDecoder(), new FuseDecoder()));
        if (addPrefixSpace) {
            decoders.add(new StripDecoder(" ", 1, 0));
        }
        Tokenizer.Builder builder = Tokenizer.builder()
                .normalizer(new SequenceNormalizer(normalizers))
                .model(model())
                .decoder(new SequenceDecoder(decoders))
                .postProcessor(
                        beginId < 0 || beginId >= pieces.size()
                                ? null
                                : TemplatePostProcessor.before(
                                        pieces.get(beginId).text(), beginId));
        for (int id = 0; id < pieces.size(); id++) {
            Kind kind = pieces.get(id).kind();
            if (kind == Kind.CONTROL || kind == Kind.UNKNOWN || kind == Kind.USER_DEFINED) {
                builder.addedToken(new AddedToken(
                        pieces.get(id).text(), id, false, false, false, false, kind != Kind.USER_DEFINED));
            }
        }
        return builder.build();
    }

    private CharacterBpe model() throws TokenizerFormatException {
        List<byte[]> bytes = new ArrayList<>(pieces.size());
        List<String> texts = new ArrayList<>(pieces.size());
        List<Integer> byScore = new ArrayList<>();
        String unknown = null;
        boolean byteFallback = false;
        for (int id = 0; id < pieces.size(); id++) {
            Piece piece = pieces.get(id);
            byte[] utf8 = piece.text().getBytes(StandardCharsets.UTF_8);
            boolean normal = piece.kind() == Kind.NORMAL;
            if (utf8.length == 0 || utf8.length > LONGEST_PIECE) {
                throw refuse(id, "a piece of 1 to " + LONGEST_PIECE + " bytes", utf8.length + " bytes");
            }
            texts.add(piece.text());
            bytes.add(normal ? utf8 : new byte[0]);
            if (normal) {
                byScore.add(id);
            }
            byteFallback |= piece.kind() == Kind.BYTE;
            unknown = piece.kind() == Kind.UNKNOWN ? piece.text() : unknown;
        }
        byScore.sort(Comparator.comparingDouble((Integer id) -> -pieces.get(id).score()));
        TokenBytes table = new TokenBytes(bytes);
        MergeTable.Builder merges = new MergeTable.Builder(pieces.size());
        for (int rank = 0; rank < byScore.size(); rank++) {
            int id = byScore.get(rank);
            byte[] whole = bytes.get(id);
            for (int cut = 1; cut < whole.length; cut++) {
                int left = Utf8.isContinuation(whole[cut]) ? -1 : table.find(whole, 0, cut);
                int right = left < 0 ? -1 : table.find(whole, cut, whole.length);
                if (right >= 0) {
                    merges.add(left, right, rank, id);
                }
            }
        }
        if (merges.size() == 0) {
            throw refuse(0, "a BPE vocabulary", "pieces of which none is made of two others");
        }
        return new CharacterBpe(Vocabulary.withGaps(texts), merges.build(), unknown, true, byteFallback, false);
    }

    TokenizerFormatException refuse(int piece, String expected, String found) {
        return new TokenizerFormatException(
                file, "piece " + piece, expected, found, "Check that the file is whole and of this kind.");
    }
}
