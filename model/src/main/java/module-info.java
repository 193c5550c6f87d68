import org.jspecify.annotations.NullMarked;

/// Transformers: layers, configurations, families and file formats.
@NullMarked
@SuppressWarnings("module") // the module of a qualified export is compiled later
module io.localcodemodel.model {
    requires transitive io.localcodemodel.tensor;
    requires static transitive org.jspecify;
    requires tools.jackson.jr.ob;

    exports io.localcodemodel.model;
    exports io.localcodemodel.model.file;
    exports io.localcodemodel.model.json to
            io.localcodemodel.inference,
            io.localcodemodel.training;
}
