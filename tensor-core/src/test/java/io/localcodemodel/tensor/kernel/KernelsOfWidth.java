package io.localcodemodel.tensor.kernel;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;

/// The vector kernels compiled for a width of vectors that need not be this processor's.
///
/// The width is a static constant of its class, so each width gets copies of the classes behind [Kernels] in a class
/// loader of its own; the public types of the package stay shared.
final class KernelsOfWidth extends ClassLoader {
    private static final String PACKAGE = Kernels.class.getPackageName() + ".";

    private KernelsOfWidth() {
        super(Kernels.class.getClassLoader());
    }

    /// @param bits 128, 256 or 512
    static Kernels bits(int bits) {
        return bits(bits, Lanes.REGISTERS);
    }

    /// @param bits 128, 256 or 512
    /// @param registers 16 or 32
    static synchronized Kernels bits(int bits, int registers) {
        String bitsBefore = System.setProperty(Lanes.PROPERTY, Integer.toString(bits));
        String registersBefore = System.setProperty(Lanes.REGISTERS_PROPERTY, Integer.toString(registers));
        try {
            Class<?> type = Class.forName(PACKAGE + "VectorKernels", true, new KernelsOfWidth());
            Field instance = type.getDeclaredField("INSTANCE");
            instance.setAccessible(true);
            Kernels kernels = (Kernels) instance.get(null);
            if (!kernels.name().equals("vector-" + bits)) {
                throw new IllegalStateException("asked for " + bits + " bits, got " + kernels.name());
            }
            // Products settle on their tile when they are first used.
            float[] one = {1};
            kernels.matmul(
                    new Scratch(), Layout.NN, 1, 1, 1, one, 0, 1, one, 0, 1, new float[1], 0, 1, Epilogue.ASSIGN);
            return kernels;
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("the vector kernels cannot be loaded", e);
        } finally {
            restore(Lanes.PROPERTY, bitsBefore);
            restore(Lanes.REGISTERS_PROPERTY, registersBefore);
        }
    }

    private static void restore(String property, String before) {
        if (before == null) {
            System.clearProperty(property);
        } else {
            System.setProperty(property, before);
        }
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        synchronized (getClassLoadingLock(name)) {
            Class<?> shared = super.loadClass(name, resolve);
            if (!name.startsWith(PACKAGE) || Modifier.isPublic(shared.getModifiers())) {
                return shared;
            }
            Class<?> own = findLoadedClass(name);
            return own != null ? own : define(name);
        }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
        try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
            if (in == null) {
                throw new ClassNotFoundException(name);
            }
            byte[] bytes = in.readAllBytes();
            return defineClass(name, bytes, 0, bytes.length);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
