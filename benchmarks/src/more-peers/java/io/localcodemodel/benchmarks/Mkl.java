package io.localcodemodel.benchmarks;

import static org.bytedeco.mkl.global.mkl_rt.CblasNoTrans;
import static org.bytedeco.mkl.global.mkl_rt.CblasRowMajor;
import static org.bytedeco.mkl.global.mkl_rt.CblasTrans;
import static org.bytedeco.mkl.global.mkl_rt.MKL_Get_Version;
import static org.bytedeco.mkl.global.mkl_rt.MKL_Set_Dynamic;
import static org.bytedeco.mkl.global.mkl_rt.MKL_Set_Num_Threads;
import static org.bytedeco.mkl.global.mkl_rt.MKL_Set_Threading_Layer;
import static org.bytedeco.mkl.global.mkl_rt.MKL_THREADING_INTEL;
import static org.bytedeco.mkl.global.mkl_rt.cblas_sgemm;
import static org.bytedeco.mkl.global.mkl_rt.cblas_sgemm_batch_strided;

import io.localcodemodel.tensor.kernel.Layout;
import java.io.IOException;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.mkl.global.mkl_rt;
import org.bytedeco.mkl.global.mkl_rt.MKLVersion;

/// Intel MKL with its own threads. Which kernels it uses follows from the maker of the processor; of those of other makers
/// than Intel it says "Intel(R) Architecture processors" and uses its general ones.
public final class Mkl implements MatrixPeer {
    /// Loads the library. Its threads look for work for 0.1 ms before they sleep, as those of the other libraries do here;
    /// left to themselves for 0.2 s.
    public Mkl() throws IOException {
        NativeVariables.setIfAbsent("KMP_BLOCKTIME", "100us");
        loadOpenMp();
        MKL_Set_Threading_Layer(MKL_THREADING_INTEL);
        MKL_Set_Dynamic(0);
    }

    /// The bindings have looked for the library when they loaded oneDNN, which can do without, and look only once.
    @SuppressWarnings("restricted") // a benchmark, started with native access for its peers
    private static void loadOpenMp() throws IOException {
        String resource = "/org/bytedeco/mkl/" + Loader.getPlatform() + "/libiomp5.so";
        System.load(Loader.cacheResource(mkl_rt.class, resource).getPath());
    }

    @Override
    public String name() {
        return "MKL";
    }

    @Override
    public String key() {
        return "mkl";
    }

    @Override
    public String kernels() {
        try (MKLVersion version = new MKLVersion()) {
            MKL_Get_Version(version);
            return "%d.%d, %s"
                    .formatted(
                            version.MajorVersion(),
                            version.UpdateVersion(),
                            version.Processor().getString());
        }
    }

    @Override
    public void threads(int count) {
        MKL_Set_Num_Threads(count);
    }

    @Override
    public Runnable prepare(Product product, FloatPointer a, FloatPointer b, FloatPointer c) {
        int m = product.m();
        int n = product.n();
        int k = product.k();
        int turnA = product.layout() == Layout.TN ? CblasTrans : CblasNoTrans;
        int turnB = product.layout() == Layout.NT ? CblasTrans : CblasNoTrans;
        int strideA = product.aStride();
        int strideB = product.bStride();
        int batch = product.batch();
        if (batch == 1) {
            return () -> cblas_sgemm(CblasRowMajor, turnA, turnB, m, n, k, 1f, a, strideA, b, strideB, 0f, c, n);
        }
        return () -> cblas_sgemm_batch_strided(
                CblasRowMajor, turnA, turnB, m, n, k, 1f, a, strideA, m * k, b, strideB, n * k, 0f, c, n, m * n, batch);
    }
}
