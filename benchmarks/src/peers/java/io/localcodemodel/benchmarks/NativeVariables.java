package io.localcodemodel.benchmarks;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;

/// Environment variables for native code, which reads them when it is loaded.
final class NativeVariables {
    private NativeVariables() {}

    /// Sets a variable, unless whoever started the process did.
    ///
    /// @return the value that native code finds
    @SuppressWarnings("restricted") // a benchmark, started with native access for its peers
    static String setIfAbsent(String name, String value) {
        String present = System.getenv(name);
        if (present != null) {
            return present;
        }
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
            if (failed != 0) {
                throw new IllegalStateException("setenv refused it");
            }
            return value;
        } catch (Throwable e) {
            throw new IllegalStateException("cannot set " + name, e);
        }
    }
}
