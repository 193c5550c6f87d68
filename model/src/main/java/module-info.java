import org.jspecify.annotations.NullMarked;

/// Transformers: layers, configurations, families and file formats.
@NullMarked
module io.localcodemodel.model {
    requires transitive io.localcodemodel.tensor;
    requires org.slf4j;
    requires static transitive org.jspecify;
    requires tools.jackson.jr.ob;

    exports io.localcodemodel.model;
    exports io.localcodemodel.model.file;
}
