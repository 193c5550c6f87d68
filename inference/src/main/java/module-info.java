import org.jspecify.annotations.NullMarked;

/// Inference: loading and running code models.
@NullMarked
module io.localcodemodel.inference {
    requires transitive io.localcodemodel.model;
    requires transitive io.localcodemodel.tokenizer;
    requires static transitive org.jspecify;

    exports io.localcodemodel.inference;
}
