package io.localcodemodel.tensor;

/// Random numbers that are a function of a seed and an index, not of who draws them or when.
///
/// The mixing function is the finaliser of SplitMix64 (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number
/// generators", figure 16).
public final class Randomness {
    /// 2^64 divided by the golden ratio: the increment of SplitMix64.
    public static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private Randomness() {}

    /// A well-mixed 64-bit value of `x`.
    public static long mix(long x) {
        long z = x + GOLDEN;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    /// The `index`-th uniform number in [0, 1) of the stream `seed`.
    public static float uniform(long seed, long index) {
        return (mix(seed + GOLDEN * index) >>> 40) * 0x1p-24f;
    }

    /// A seed for the stream called `name` under `seed`, so that a new name disturbs no other.
    public static long seedFor(long seed, String name) {
        long hash = mix(seed);
        for (int i = 0; i < name.length(); i++) {
            hash = mix(hash ^ name.charAt(i));
        }
        return hash;
    }

    /// Fills `values` with normally distributed numbers of mean 0 (Box and Muller 1958).
    ///
    /// @param standardDeviation the standard deviation
    public static void fillNormal(Tensor values, float standardDeviation, long seed) {
        float[] array = values.array();
        int offset = values.offset();
        for (int i = 0; i < values.size(); i++) {
            long pair = i >> 1;
            double radius = Math.sqrt(-2 * Math.log(1 - unit(seed, 2 * pair)));
            double angle = 2 * Math.PI * unit(seed, 2 * pair + 1);
            double normal = radius * ((i & 1) == 0 ? StrictMath.cos(angle) : StrictMath.sin(angle));
            array[offset + i] = (float) (standardDeviation * normal);
        }
    }

    private static double unit(long seed, long index) {
        return (mix(seed + GOLDEN * index) >>> 11) * 0x1p-53;
    }
}
