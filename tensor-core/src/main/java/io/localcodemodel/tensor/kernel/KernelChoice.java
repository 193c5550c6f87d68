package io.localcodemodel.tensor.kernel;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Chooses the kernels once per process.
final class KernelChoice {
    private static final Logger LOG = LoggerFactory.getLogger(Kernels.class);

    private static final String VECTOR_MODULE = "jdk.incubator.vector";

    private KernelChoice() {}

    static Kernels fastest() {
        return Holder.FASTEST;
    }

    private static final class Holder {
        static final Kernels FASTEST = choose();
    }

    private static Kernels choose() {
        ModuleLayer layer = ModuleLayer.boot();
        Module self = KernelChoice.class.getModule();
        boolean readable = layer.findModule(VECTOR_MODULE).filter(self::canRead).isPresent();
        if (readable) {
            return VectorKernels.INSTANCE;
        }
        LOG.warn(
                "Running on scalar kernels, many times slower: the module {} is not there. Start Java with the flag "
                        + "--add-modules {}",
                VECTOR_MODULE,
                VECTOR_MODULE);
        return ReferenceKernels.INSTANCE;
    }
}
