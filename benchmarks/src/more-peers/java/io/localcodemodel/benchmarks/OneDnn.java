package io.localcodemodel.benchmarks;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;
import static org.bytedeco.dnnl.global.dnnl.dnnl_sgemm;
import static org.bytedeco.dnnl.global.dnnl.get_effective_cpu_isa;
import static org.bytedeco.dnnl.global.dnnl.version;

import io.localcodemodel.tensor.kernel.Layout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.matmul;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Loader;

/// oneDNN, which has two ways to a product: the primitive that frameworks use, and `dnnl_sgemm`. Each is the faster on
/// some shapes; both are tried, and the faster one is compared.
public final class OneDnn implements MatrixPeer {
    private static final int TRIES = 5;

    private final MethodHandle setThreads;
    private final engine processor;
    private final stream queue;

    /// Loads the library. The threads of its OpenMP look for work for about 0.1 ms before they sleep, as those of the other
    /// libraries do here.
    public OneDnn() {
        NativeVariables.setIfAbsent("GOMP_SPINCOUNT", "10000");
        setThreads = ofOpenMp(Path.of(Loader.load(dnnl.class)).resolveSibling("libgomp.so.1"));
        processor = new engine(engine.kind.cpu, 0);
        queue = new stream(processor);
    }

    @SuppressWarnings("restricted") // a benchmark, started with native access for its peers
    private static MethodHandle ofOpenMp(Path library) {
        return Linker.nativeLinker()
                .downcallHandle(
                        SymbolLookup.libraryLookup(library, Arena.global()).findOrThrow("omp_set_num_threads"),
                        FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT));
    }

    @Override
    public String name() {
        return "oneDNN";
    }

    @Override
    public String key() {
        return "oneDnn";
    }

    @Override
    public String kernels() {
        return "%d.%d.%d, %s"
                .formatted(version().major(), version().minor(), version().patch(), get_effective_cpu_isa());
    }

    @Override
    public void threads(int count) {
        try {
            setThreads.invokeExact(count);
        } catch (Throwable e) {
            throw new IllegalStateException("cannot set the number of threads", e);
        }
    }

    @Override
    public Runnable prepare(Product product, FloatPointer a, FloatPointer b, FloatPointer c) {
        Runnable primitive = primitive(product, a, b, c);
        Runnable sgemm = sgemm(product, a, b, c);
        long primitiveNanos = Long.MAX_VALUE;
        long sgemmNanos = Long.MAX_VALUE;
        for (int i = 0; i < TRIES; i++) {
            primitiveNanos = Math.min(primitiveNanos, nanos(primitive));
            sgemmNanos = Math.min(sgemmNanos, nanos(sgemm));
        }
        return primitiveNanos < sgemmNanos ? primitive : sgemm;
    }

    private static long nanos(Runnable task) {
        task.run();
        long start = System.nanoTime();
        task.run();
        return System.nanoTime() - start;
    }

    private Runnable primitive(Product product, FloatPointer a, FloatPointer b, FloatPointer c) {
        int m = product.m();
        int n = product.n();
        int k = product.k();
        memory.desc describedA = matrices(product, m, k, product.layout() == Layout.TN);
        memory.desc describedB = matrices(product, k, n, product.layout() == Layout.NT);
        memory.desc describedC = matrices(product, m, n, false);
        matmul primitive = new matmul(new matmul.primitive_desc(processor, describedA, describedB, describedC));
        IntMemoryMap matrices = new IntMemoryMap();
        matrices.put(DNNL_ARG_SRC, new memory(describedA, processor, a));
        matrices.put(DNNL_ARG_WEIGHTS, new memory(describedB, processor, b));
        matrices.put(DNNL_ARG_DST, new memory(describedC, processor, c));
        return () -> {
            primitive.execute(queue, matrices);
            queue._wait();
        };
    }

    /// @param turned whether a column is without gaps, not a row
    private static memory.desc matrices(Product product, int rows, int columns, boolean turned) {
        return new memory.desc(new long[] {product.batch(), rows, columns}, memory.data_type.f32, new long[] {
            (long) rows * columns, turned ? 1 : columns, turned ? rows : 1
        });
    }

    private static Runnable sgemm(Product product, FloatPointer a, FloatPointer b, FloatPointer c) {
        byte turnA = (byte) (product.layout() == Layout.TN ? 'T' : 'N');
        byte turnB = (byte) (product.layout() == Layout.NT ? 'T' : 'N');
        int m = product.m();
        int n = product.n();
        int k = product.k();
        FloatPointer[] as = MatrixPeer.parts(a, product.batch(), m * k);
        FloatPointer[] bs = MatrixPeer.parts(b, product.batch(), n * k);
        FloatPointer[] cs = MatrixPeer.parts(c, product.batch(), m * n);
        return () -> {
            for (int i = 0; i < as.length; i++) {
                dnnl_sgemm(turnA, turnB, m, n, k, 1f, as[i], product.aStride(), bs[i], product.bStride(), 0f, cs[i], n);
            }
        };
    }
}
