import org.jspecify.annotations.NullMarked;

/// Tensors, automatic differentiation and the kernels they run on.
@NullMarked
module io.localcodemodel.tensor {
    requires jdk.incubator.vector;
    requires org.slf4j;
    requires static transitive org.jspecify;

    exports io.localcodemodel.tensor;
    exports io.localcodemodel.tensor.format;
    exports io.localcodemodel.tensor.kernel;
    exports io.localcodemodel.tensor.op;
}
