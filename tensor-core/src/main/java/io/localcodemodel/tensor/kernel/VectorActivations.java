package io.localcodemodel.tensor.kernel;

import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/// The activations on SIMD lanes: for each function a copy of the loops of [VectorActivationLoops].
///
/// A loop that chose among the functions while it runs would contain them all, and the compiler gives up inlining
/// vector operations in a method that large: every vector would become an object. So the class with the loops is
/// defined once per function, as a hidden class that carries the function as a constant.
final class VectorActivations {
    private static final Map<Activation, ActivationLoops> LOOPS = specialise();

    private VectorActivations() {}

    /// The loops compiled for one function.
    static ActivationLoops of(Activation activation) {
        return Objects.requireNonNull(LOOPS.get(activation));
    }

    private static Map<Activation, ActivationLoops> specialise() {
        MethodHandles.Lookup lookup = MethodHandles.lookup();
        byte[] template = bytesOf(VectorActivationLoops.class);
        Map<Activation, ActivationLoops> loops = new EnumMap<>(Activation.class);
        for (Activation activation : Activation.values()) {
            loops.put(activation, specialise(lookup, template, activation));
        }
        return loops;
    }

    private static ActivationLoops specialise(MethodHandles.Lookup lookup, byte[] template, Activation activation) {
        try {
            MethodHandles.Lookup hidden = lookup.defineHiddenClassWithClassData(template, activation, true);
            return (ActivationLoops) hidden.findConstructor(hidden.lookupClass(), MethodType.methodType(void.class))
                    .invoke();
        } catch (Throwable e) {
            throw new LinkageError("the loops of " + activation + " cannot be defined", e);
        }
    }

    private static byte[] bytesOf(Class<?> type) {
        String file = type.getSimpleName() + ".class";
        try (InputStream in = type.getResourceAsStream(file)) {
            if (in == null) {
                throw new LinkageError("the class file " + file + " is missing from its module");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new LinkageError("the class file " + file + " cannot be read", e);
        }
    }
}
