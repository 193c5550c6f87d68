import org.jspecify.annotations.NullMarked;

/// Training: corpora, optimisers, schedules, the loop and its checkpoints.
@NullMarked
module io.localcodemodel.training {
    requires transitive io.localcodemodel.model;
    requires transitive io.localcodemodel.tokenizer;
    requires org.slf4j;
    requires static transitive org.jspecify;

    exports io.localcodemodel.training;
}
