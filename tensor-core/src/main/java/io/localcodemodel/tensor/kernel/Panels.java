package io.localcodemodel.tensor.kernel;

/// The second factor of a matrix product in the order in which tiles read it, kept for the next product with the same
/// factor.
///
/// The first product that is given it packs its B here instead of into memory of the worker; those after it find B
/// packed, until [#invalidate]. Results are the same bits. It takes as much memory as B, from the first product on.
///
/// One product at a time may use it. [#holds], [#open], [#values] and [#close] are for kernels.
public final class Panels {
    private static final float[] NONE = {};

    private float[] values = NONE;
    private Layout layout = Layout.NN;
    private int n;
    private int k;
    private boolean filled;

    /// Panels that hold nothing yet.
    public Panels() {}

    /// Says that B has changed: the next product packs it again, into the same memory.
    public void invalidate() {
        filled = false;
    }

    /// The memory taken.
    public long bytes() {
        return (long) values.length * Float.BYTES;
    }

    /// Whether B is there, packed for this product.
    public boolean holds(Layout layout, int n, int k) {
        return filled && layout == this.layout && n == this.n && k == this.k;
    }

    /// Memory of `length` elements to pack into; nothing is held until [#close].
    public float[] open(int length) {
        filled = false;
        if (values.length != length) {
            values = new float[length];
        }
        return values;
    }

    /// The packed elements.
    public float[] values() {
        return values;
    }

    /// Says that all of B is packed.
    public void close(Layout layout, int n, int k) {
        this.layout = layout;
        this.n = n;
        this.k = k;
        filled = true;
    }
}
