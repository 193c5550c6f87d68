import org.jspecify.annotations.NullMarked;

/// Tokenizers: from text to numbers and back.
@NullMarked
module io.localcodemodel.tokenizer {
    exports io.localcodemodel.tokenizer;
    exports io.localcodemodel.tokenizer.chat;

    requires org.slf4j;
    requires static transitive org.jspecify;
    requires tools.jackson.jr.ob;
}
