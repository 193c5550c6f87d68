package io.localcodemodel.tensor.kernel;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Chooses the kernels once per process.
final class KernelChoice {
    private static final Logger LOG = LoggerFactory.getLogger(Kernels.class);

    private KernelChoice() {}

    static Kernels fastest() {
        return Holder.FASTEST;
    }

    private static final class Holder {
        static final Kernels FASTEST = choose();
    }

    private static Kernels choose() {
        LOG.debug("no vector kernels yet");
        return ReferenceKernels.INSTANCE;
    }
}
