package io.localcodemodel.tensor;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;

/// Lends buffers for activations and gradients out of a few large arrays and takes them back.
///
/// First fit over an ordered list of free spans in each slab; neighbours that are both free are joined. A step that
/// asks for the same shapes in the same order as the step before gets the same places, so after the first step
/// nothing is allocated on the heap. A buffer's contents are whatever its last user left there.
///
/// Not thread-safe: one pass at a time uses an arena.
public final class Arena {
    /// Elements of the largest regular slab: 16 MiB of floats, less the array header, so that a slab fills whole heap
    /// regions. The first ones are a sixteenth of it, and each new one a quarter of all before, so that a small
    /// model takes little more than it needs.
    private static final int LARGEST_SLAB = 1 << 22;

    private static final int SMALLEST_SLAB = LARGEST_SLAB / 16;
    private static final int HEADER = 16;

    /// Spans start at multiples of this many floats past [#FIRST]: one cache line.
    private static final int ALIGNMENT = 16;
    /// With the usual array header of 16 bytes, the first element on a 64-byte boundary of a page-aligned array.
    private static final int FIRST = 12;

    private final List<Slab> slabs = new ArrayList<>();
    private final IdentityHashMap<Storage, Slab> owners = new IdentityHashMap<>();
    private long used;
    private long peak;

    /// An arena that holds nothing yet.
    public Arena() {}

    /// A tensor with undefined contents, valid until it is released.
    public Tensor allocate(Shape shape) {
        int floats = floatsFor(shape);
        used += floats;
        peak = Math.max(peak, used);
        for (Slab slab : slabs) {
            int offset = slab.take(floats);
            if (offset >= 0) {
                return lend(slab, offset, shape);
            }
        }
        int regular = Math.clamp(reservedBytes() / Float.BYTES / 4, SMALLEST_SLAB, LARGEST_SLAB) - HEADER;
        Slab slab = new Slab(Math.max(regular, Math.addExact(floats, FIRST)));
        slabs.add(slab);
        return lend(slab, slab.take(floats), shape);
    }

    private static int floatsFor(Shape shape) {
        return Math.max(ALIGNMENT, Math.ceilDiv(shape.size(), ALIGNMENT) * ALIGNMENT);
    }

    /// Whether half as many numbers take less memory.
    static boolean halves(Shape shape) {
        return shape.size() > ALIGNMENT;
    }

    private Tensor lend(Slab slab, int offset, Shape shape) {
        FloatStorage storage = new FloatStorage(slab.array, offset, shape.size());
        owners.put(storage, slab);
        return new Tensor(shape, storage);
    }

    /// Takes back a tensor that this arena lent; its array may be handed out again at once.
    ///
    /// @throws IllegalStateException if this arena did not lend it, or took it back already
    public void release(Tensor tensor) {
        Slab slab = takeBack(tensor);
        int floats = floatsFor(tensor.shape());
        used -= floats;
        slab.give(tensor.offset(), floats);
    }

    /// Takes back all of a tensor but its beginning, which it lends on.
    ///
    /// @param shape of no more elements than the tensor has
    /// @return the first elements of the tensor; it takes the tensor's place
    /// @throws IllegalStateException if this arena has not lent the tensor
    Tensor shrink(Tensor tensor, Shape shape) {
        Slab slab = takeBack(tensor);
        int kept = floatsFor(shape);
        int rest = floatsFor(tensor.shape()) - kept;
        used -= rest;
        if (rest > 0) {
            slab.give(tensor.offset() + kept, rest);
        }
        return lend(slab, tensor.offset(), shape);
    }

    private Slab takeBack(Tensor tensor) {
        Slab slab = owners.remove(tensor.storage());
        if (slab == null) {
            throw new IllegalStateException(
                    "released a tensor of shape " + tensor.shape() + " that this arena has not lent");
        }
        return slab;
    }

    /// Whether this arena has lent the tensor and not taken it back.
    boolean lends(Tensor tensor) {
        return owners.containsKey(tensor.storage());
    }

    /// The most bytes that were lent at one time.
    public long peakBytes() {
        return peak * Float.BYTES;
    }

    /// The bytes lent now.
    public long usedBytes() {
        return used * Float.BYTES;
    }

    /// The bytes of all slabs.
    public long reservedBytes() {
        long floats = 0;
        for (Slab slab : slabs) {
            floats += slab.array.length;
        }
        return floats * Float.BYTES;
    }

    /// One array and its free spans, ordered by offset.
    private static final class Slab {
        final float[] array;
        int[] offsets = new int[16];
        int[] lengths = new int[16];
        int spans;

        Slab(int floats) {
            array = new float[floats];
            offsets[0] = FIRST;
            lengths[0] = (floats - FIRST) / ALIGNMENT * ALIGNMENT;
            spans = 1;
        }

        /// The offset of a span of `floats` elements, or -1 where none is long enough.
        int take(int floats) {
            for (int i = 0; i < spans; i++) {
                if (lengths[i] >= floats) {
                    int offset = offsets[i];
                    offsets[i] += floats;
                    lengths[i] -= floats;
                    if (lengths[i] == 0) {
                        remove(i);
                    }
                    return offset;
                }
            }
            return -1;
        }

        void give(int offset, int floats) {
            int at = 0;
            while (at < spans && offsets[at] < offset) {
                at++;
            }
            boolean joinsLeft = at > 0 && offsets[at - 1] + lengths[at - 1] == offset;
            boolean joinsRight = at < spans && offset + floats == offsets[at];
            if (joinsLeft) {
                lengths[at - 1] += floats + (joinsRight ? lengths[at] : 0);
                if (joinsRight) {
                    remove(at);
                }
            } else if (joinsRight) {
                offsets[at] = offset;
                lengths[at] += floats;
            } else {
                insert(at, offset, floats);
            }
        }

        private void remove(int at) {
            System.arraycopy(offsets, at + 1, offsets, at, spans - at - 1);
            System.arraycopy(lengths, at + 1, lengths, at, spans - at - 1);
            spans--;
        }

        private void insert(int at, int offset, int floats) {
            if (spans == offsets.length) {
                offsets = java.util.Arrays.copyOf(offsets, 2 * spans);
                lengths = java.util.Arrays.copyOf(lengths, 2 * spans);
            }
            System.arraycopy(offsets, at, offsets, at + 1, spans - at);
            System.arraycopy(lengths, at, lengths, at + 1, spans - at);
            offsets[at] = offset;
            lengths[at] = floats;
            spans++;
        }
    }
}
