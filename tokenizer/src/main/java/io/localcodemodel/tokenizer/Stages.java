package io.localcodemodel.tokenizer;

import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The tag tables: which class reads which `type` of `tokenizer.json`. A new stage is one class and one line here.
final class Stages {

    private static final Map<String, Reader<Normalizer>> NORMALIZERS = Map.ofEntries(
            Map.entry("NFC", UnicodeNormalizer::of),
            Map.entry("NFD", UnicodeNormalizer::of),
            Map.entry("NFKC", UnicodeNormalizer::of),
            Map.entry("NFKD", UnicodeNormalizer::of),
            Map.entry(LowercaseNormalizer.TYPE, fields -> new LowercaseNormalizer()),
            Map.entry(StripAccentsNormalizer.TYPE, fields -> new StripAccentsNormalizer()),
            Map.entry(StripNormalizer.TYPE, StripNormalizer::of),
            Map.entry(NmtNormalizer.TYPE, fields -> new NmtNormalizer()),
            Map.entry(BertNormalizer.TYPE, BertNormalizer::of),
            Map.entry(PrecompiledNormalizer.TYPE, PrecompiledNormalizer::of),
            Map.entry(ReplaceNormalizer.TYPE, ReplaceNormalizer::of),
            Map.entry(PrependNormalizer.TYPE, PrependNormalizer::of),
            Map.entry(SequenceNormalizer.TYPE, SequenceNormalizer::of));

    private static final Map<String, Reader<Splitter>> SPLITTERS = Map.ofEntries(
            Map.entry(ByteLevelSplitter.TYPE, ByteLevelSplitter::of),
            Map.entry(PatternSplitter.TYPE, PatternSplitter::of),
            Map.entry(DigitsSplitter.TYPE, DigitsSplitter::of),
            Map.entry(BertSplitter.TYPE, fields -> new BertSplitter()),
            Map.entry(WhitespaceSplitter.TYPE, fields -> new WhitespaceSplitter()),
            Map.entry(WhitespaceOnlySplitter.TYPE, fields -> new WhitespaceOnlySplitter()),
            Map.entry(PunctuationSplitter.TYPE, PunctuationSplitter::of),
            Map.entry(DelimiterSplitter.TYPE, DelimiterSplitter::of),
            Map.entry(ScriptsSplitter.TYPE, fields -> new ScriptsSplitter()),
            Map.entry(MetaspaceSplitter.TYPE, MetaspaceSplitter::of),
            Map.entry(SequenceSplitter.TYPE, SequenceSplitter::of));

    private static final Map<String, ModelReader> MODELS = Map.of(
            Bpe.TYPE, BpeJson::read,
            Unigram.TYPE, (fields, byteLevel) -> UnigramJson.read(fields),
            WordPiece.TYPE, (fields, byteLevel) -> WordPiece.of(fields));

    private static final Map<String, Reader<PostProcessor>> POST_PROCESSORS = Map.ofEntries(
            Map.entry(ByteLevelPostProcessor.TYPE, ByteLevelPostProcessor::of),
            Map.entry(BertPostProcessor.TYPE, BertPostProcessor::of),
            Map.entry(RobertaPostProcessor.TYPE, RobertaPostProcessor::of),
            Map.entry(SequencePostProcessor.TYPE, SequencePostProcessor::of),
            Map.entry(TemplatePostProcessor.TYPE, TemplatePostProcessor::of));

    private static final Map<String, Reader<Decoder>> DECODERS = Map.ofEntries(
            Map.entry(ByteLevelDecoder.TYPE, ByteLevelDecoder::of),
            Map.entry(BpeDecoder.TYPE, BpeDecoder::of),
            Map.entry(FuseDecoder.TYPE, fields -> new FuseDecoder()),
            Map.entry(ByteFallbackDecoder.TYPE, fields -> new ByteFallbackDecoder()),
            Map.entry(ReplaceDecoder.TYPE, ReplaceDecoder::of),
            Map.entry(StripDecoder.TYPE, StripDecoder::of),
            Map.entry(MetaspaceDecoder.TYPE, MetaspaceDecoder::of),
            Map.entry(WordPieceDecoder.TYPE, WordPieceDecoder::of),
            Map.entry(SequenceDecoder.TYPE, SequenceDecoder::of));

    private Stages() {}

    static Normalizer normalizer(JsonFields fields) throws TokenizerFormatException {
        return read(NORMALIZERS, fields);
    }

    static Splitter splitter(JsonFields fields) throws TokenizerFormatException {
        return read(SPLITTERS, fields);
    }

    static PostProcessor postProcessor(JsonFields fields) throws TokenizerFormatException {
        return read(POST_PROCESSORS, fields);
    }

    static Decoder decoder(JsonFields fields) throws TokenizerFormatException {
        return read(DECODERS, fields);
    }

    /// Reads the model, which needs to know whether the splitter before it is byte-level.
    ///
    /// Old files leave out the type of the model; they are recognised by its fields.
    static TokenModel model(JsonFields fields, boolean byteLevel) throws TokenizerFormatException {
        String type = fields.has("type") || !fields.has("merges") ? fields.string("type") : Bpe.TYPE;
        return known(MODELS.get(type), type, fields, MODELS.keySet()).read(fields, byteLevel);
    }

    private static <S> S read(Map<String, Reader<S>> readers, JsonFields fields) throws TokenizerFormatException {
        String type = fields.string("type");
        return known(readers.get(type), type, fields, readers.keySet()).read(fields);
    }

    private static <R> R known(@Nullable R reader, String type, JsonFields fields, Set<String> tags)
            throws TokenizerFormatException {
        if (reader == null) {
            throw fields.unknownTag(type, tags);
        }
        return reader;
    }

    @FunctionalInterface
    private interface Reader<S> {

        S read(JsonFields fields) throws TokenizerFormatException;
    }

    @FunctionalInterface
    private interface ModelReader {

        TokenModel read(JsonFields fields, boolean byteLevel) throws TokenizerFormatException;
    }
}
