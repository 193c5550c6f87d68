package io.localcodemodel.tensor.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/// Memory that one worker reuses from task to task; contents are undefined at the start of a task.
///
/// Slots are independent arrays: a kernel that calls another hands on different slots. Slots 0 to 3 belong to the matrix
/// product, the rest to operations.
public final class Scratch {
    /// The number of slots.
    public static final int SLOTS = 12;
    /// The first slot that the matrix product leaves alone.
    public static final int FIRST_FREE = 4;

    private final float[][] slots = new float[SLOTS][];
    private final List<Object> kept = new ArrayList<>();

    /// Scratch memory that holds nothing yet.
    public Scratch() {}

    /// An array of at least `floats` elements, the same one until a longer one is asked for.
    public float[] floats(int slot, int floats) {
        float[] array = slots[slot];
        if (array == null || array.length < floats) {
            array = new float[floats];
            slots[slot] = array;
        }
        return array;
    }

    /// The memory of all slots.
    long bytes() {
        long floats = 0;
        for (float[] slot : slots) {
            floats += slot == null ? 0 : slot.length;
        }
        return floats * Float.BYTES;
    }

    /// An object that is kept here from task to task: the same one whenever the same type is asked for.
    public <T> T kept(Class<T> type, Supplier<? extends T> maker) {
        for (int i = 0; i < kept.size(); i++) {
            if (type.isInstance(kept.get(i))) {
                return type.cast(kept.get(i));
            }
        }
        T made = maker.get();
        kept.add(made);
        return made;
    }
}
