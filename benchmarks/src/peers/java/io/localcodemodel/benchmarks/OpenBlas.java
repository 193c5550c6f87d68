package io.localcodemodel.benchmarks;

import static org.bytedeco.openblas.global.openblas.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas.CblasTrans;
import static org.bytedeco.openblas.global.openblas.blas_set_num_threads;
import static org.bytedeco.openblas.global.openblas.cblas_sgemm;

import io.localcodemodel.tensor.kernel.Layout;
import org.bytedeco.javacpp.FloatPointer;

/// OpenBLAS: the peer that the bars of the matrix products are set against.
final class OpenBlas implements MatrixPeer {
    private static final String CORE = "OPENBLAS_CORETYPE";

    private final String kernels;

    /// Has the library use its AVX-512 kernels where this process uses vectors of 512 bits: left to itself it takes
    /// those for AVX2 on processors that it does not know.
    ///
    /// Its threads sleep when they have waited 2^18 cycles for work, about as long as those of
    /// [io.localcodemodel.tensor.kernel.Workers]. Left to themselves they look for work for 2^28 cycles, a tenth of a
    /// second, in which they take a processor from whatever is measured next.
    OpenBlas(boolean wide) {
        NativeVariables.setIfAbsent("OPENBLAS_THREAD_TIMEOUT", "18");
        String asked = wide ? NativeVariables.setIfAbsent(CORE, "SKYLAKEX") : System.getenv(CORE);
        kernels = asked == null ? "its own choice" : asked;
        callOnce();
    }

    /// The first call binds the function's name. MKL, loaded later, gives its own to whoever looks for it from then on.
    private static void callOnce() {
        try (FloatPointer one = new FloatPointer(1f)) {
            multiply(new Product(Layout.NN, 1, 1, 1, 1), one, one, 0, one);
        }
    }

    @Override
    public String name() {
        return "OpenBLAS";
    }

    @Override
    public String key() {
        return "openBlas";
    }

    @Override
    public String kernels() {
        return kernels;
    }

    @Override
    public void threads(int count) {
        blas_set_num_threads(count);
    }

    @Override
    public Runnable prepare(Product product, FloatPointer a, FloatPointer b, FloatPointer c) {
        FloatPointer[] as = MatrixPeer.parts(a, product.batch(), product.m() * product.k());
        FloatPointer[] bs = MatrixPeer.parts(b, product.batch(), product.n() * product.k());
        FloatPointer[] cs = MatrixPeer.parts(c, product.batch(), product.m() * product.n());
        return () -> {
            for (int i = 0; i < as.length; i++) {
                multiply(product, as[i], bs[i], 0, cs[i]);
            }
        };
    }

    /// One product of a batch: `C = A·B + beta·C`.
    static void multiply(Product product, FloatPointer a, FloatPointer b, float beta, FloatPointer c) {
        cblas_sgemm(
                CblasRowMajor,
                product.layout() == Layout.TN ? CblasTrans : CblasNoTrans,
                product.layout() == Layout.NT ? CblasTrans : CblasNoTrans,
                product.m(),
                product.n(),
                product.k(),
                1f,
                a,
                product.aStride(),
                b,
                product.bStride(),
                beta,
                c,
                product.n());
    }
}
