package io.localcodemodel.benchmarks;

import static org.bytedeco.openblas.global.openblas.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas.CblasTrans;
import static org.bytedeco.openblas.global.openblas.blas_set_num_threads;
import static org.bytedeco.openblas.global.openblas.cblas_sgemm;

import io.localcodemodel.tensor.kernel.Layout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import org.bytedeco.javacpp.FloatPointer;

/// Calls OpenBLAS on memory outside the Java heap, so that nothing is copied.
final class OpenBlas {
    private static final String CORE = "OPENBLAS_CORETYPE";
    private static final String TIMEOUT = "OPENBLAS_THREAD_TIMEOUT";

    private OpenBlas() {}

    /// Has the library use its AVX-512 kernels where this process uses vectors of 512 bits: left to itself it takes
    /// those for AVX2 on processors that it does not know. It reads the variable when it is loaded.
    ///
    /// @return the kernels that are asked for
    static String chooseKernels(boolean wide) {
        String asked = System.getenv(CORE);
        if (asked != null || !wide) {
            return asked == null ? "its own choice" : asked;
        }
        return setVariable(CORE, "SKYLAKEX") ? "SKYLAKEX" : "its own choice";
    }

    /// Has the library's threads sleep when they have waited 2^18 cycles for work, about as long as those of
    /// [io.localcodemodel.tensor.kernel.Workers]. Left to themselves they look for work for 2^28 cycles, a tenth of a
    /// second, in which they take a processor from whatever is measured next.
    static void sleepSoon() {
        if (System.getenv(TIMEOUT) == null) {
            setVariable(TIMEOUT, "18");
        }
    }

    /// Sets an environment variable for native code that is loaded later.
    @SuppressWarnings("restricted") // a benchmark, started with native access for its peers
    private static boolean setVariable(String name, String value) {
        Linker linker = Linker.nativeLinker();
        try (Arena arena = Arena.ofConfined()) {
            int failed = (int) linker.downcallHandle(
                            linker.defaultLookup().findOrThrow("setenv"),
                            FunctionDescriptor.of(
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.ADDRESS,
                                    ValueLayout.ADDRESS,
                                    ValueLayout.JAVA_INT))
                    .invokeExact(arena.allocateFrom(name), arena.allocateFrom(value), 1);
            return failed == 0;
        } catch (Throwable e) {
            throw new IllegalStateException("cannot set " + name, e);
        }
    }

    static void threads(int count) {
        blas_set_num_threads(count);
    }

    /// `C = A·B + beta·C`, row-major.
    static void multiply(
            Layout layout, int m, int n, int k, FloatPointer a, FloatPointer b, float beta, FloatPointer c) {
        cblas_sgemm(
                CblasRowMajor,
                layout == Layout.TN ? CblasTrans : CblasNoTrans,
                layout == Layout.NT ? CblasTrans : CblasNoTrans,
                m,
                n,
                k,
                1f,
                a,
                layout == Layout.TN ? m : k,
                b,
                layout == Layout.NT ? k : n,
                beta,
                c,
                n);
    }
}
