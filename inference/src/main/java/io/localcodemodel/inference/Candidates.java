package io.localcodemodel.inference;

import io.localcodemodel.tensor.kernel.Kernels;

/// The tokens that may come next, with their logits: the buffer the [SamplingStep]s work on.
///
/// It starts as the whole vocabulary in the order of ids. Steps change logits and remove candidates, after which the
/// order is open. One buffer serves all tokens of a session; nothing is allocated per token.
public final class Candidates {
    private final Kernels kernels;
    private final int[] ids;
    private final float[] logits;
    private final float[] probabilities;
    private final float[] keys;
    private int size;

    Candidates(Kernels kernels, int vocabularySize) {
        this.kernels = kernels;
        this.ids = new int[vocabularySize];
        this.logits = new float[vocabularySize];
        this.probabilities = new float[vocabularySize];
        this.keys = new float[vocabularySize];
    }

    /// Starts over with the whole vocabulary.
    ///
    /// @param source one logit per id
    /// @throws IllegalStateException if some are not finite numbers
    void reset(float[] source) {
        size = ids.length;
        for (int i = 0; i < size; i++) {
            ids[i] = i;
        }
        System.arraycopy(source, 0, logits, 0, size);
        largest();
    }

    /// How many candidates are left.
    public int size() {
        return size;
    }

    /// The token id of candidate `index`, which is from 0 to `size() - 1`.
    public int id(int index) {
        return ids[index];
    }

    /// The logit of candidate `index`.
    public float logit(int index) {
        return logits[index];
    }

    /// Sets the logit of candidate `index`; negative infinity rules it out.
    public void setLogit(int index, float logit) {
        logits[index] = logit;
    }

    /// The largest logit.
    ///
    /// @throws IllegalStateException if no candidate is possible, or logits are not finite numbers
    float largest() {
        return possible(kernels.maximum(logits, 0, size), ids.length);
    }

    /// The largest logit, if it is one.
    ///
    /// @throws IllegalStateException as [#largest]
    static float possible(float largest, int vocabularySize) {
        if (largest == Float.NEGATIVE_INFINITY) {
            throw new IllegalStateException(
                    "no token is left to choose from: the sampling steps and the logit bias ruled out all "
                            + vocabularySize + " tokens of the vocabulary; loosen them");
        }
        if (!Float.isFinite(largest)) {
            throw new IllegalStateException("the logits for the next token hold " + largest
                    + ": the model's weights are damaged, or a sampling step made it");
        }
        return largest;
    }

    /// The id of the most likely candidate, of equal ones the lowest.
    int mostLikely() {
        float largest = largest();
        int best = Integer.MAX_VALUE;
        for (int i = 0; i < size; i++) {
            if (logits[i] == largest && ids[i] < best) {
                best = ids[i];
            }
        }
        return best;
    }

    /// The id that a uniform number in [0, 1) points at when the candidates' probabilities are laid end to end.
    int draw(float uniform) {
        double mass = uniform * (double) exponentials();
        double sum = 0;
        int last = 0;
        for (int i = 0; i < size; i++) {
            if (probabilities[i] > 0) {
                sum += probabilities[i];
                last = i;
                if (sum > mass) {
                    break;
                }
            }
        }
        return ids[last];
    }

    void divide(float divisor) {
        for (int i = 0; i < size; i++) {
            logits[i] /= divisor;
        }
    }

    /// Keeps the candidates whose logit is at least `threshold`.
    void keepFrom(float threshold) {
        int kept = 0;
        for (int i = 0; i < size; i++) {
            if (logits[i] >= threshold) {
                move(i, kept++);
            }
        }
        size = kept;
    }

    /// Keeps the `count` largest, of equal ones those that come first. A heap of that many values, the smallest on top,
    /// takes one look at each of the others; what it ends with is the least value to keep.
    void keepLargest(int count) {
        if (count >= size) {
            return;
        }
        System.arraycopy(logits, 0, keys, 0, count);
        for (int i = count / 2 - 1; i >= 0; i--) {
            sink(i, count);
        }
        for (int i = count; i < size; i++) {
            if (logits[i] > keys[0]) {
                keys[0] = logits[i];
                sink(0, count);
            }
        }
        float least = keys[0];
        int equal = count;
        for (int i = 0; i < count; i++) {
            if (keys[i] > least) {
                equal--;
            }
        }
        int kept = 0;
        for (int i = 0; i < size; i++) {
            if (logits[i] > least || (logits[i] == least && equal-- > 0)) {
                move(i, kept++);
            }
        }
        size = kept;
    }

    /// Keeps the fewest largest that hold at least the fraction `p` of the probability.
    void keepMass(float p) {
        if (p == 1) {
            return;
        }
        float sum = exponentials();
        // What is less likely than (1 - p)/size adds up to less than 1 - p, so the others reach p without it.
        float negligible = (1 - p) * sum / size;
        int kept = 0;
        for (int i = 0; i < size; i++) {
            if (probabilities[i] >= negligible) {
                move(i, kept);
                probabilities[kept] = probabilities[i];
                keys[kept] = logits[i];
                kept++;
            }
        }
        keepMassByKey((double) p * sum, kept);
    }

    /// Keeps those whose surprise is nearest to the entropy, until they hold at least the fraction `p`.
    void keepTypical(float p) {
        float largest = largest();
        float sum = exponentials();
        double logSum = Math.log(sum) + largest;
        double entropy = 0;
        for (int i = 0; i < size; i++) {
            if (probabilities[i] > 0) {
                entropy += probabilities[i] / sum * (logSum - logits[i]);
            }
        }
        for (int i = 0; i < size; i++) {
            keys[i] = (float) -Math.abs(logSum - logits[i] - entropy);
        }
        keepMassByKey((double) p * sum, size);
    }

    /// Keeps, in the order of falling keys, as many of the first `count` as it takes for their probabilities to reach
    /// `mass`: takes one after the other off a heap.
    private void keepMassByKey(double mass, int count) {
        for (int i = count / 2 - 1; i >= 0; i--) {
            sift(i, count);
        }
        double sum = 0;
        int left = count;
        while (left > 0 && (sum < mass || left == count)) {
            sum += probabilities[0];
            left--;
            swap(0, left);
            sift(0, left);
        }
        for (int i = left; i < count; i++) {
            move(i, i - left);
        }
        size = count - left;
    }

    /// Fills the probabilities up to a common factor, `e^(logit - largest)`, and returns their sum.
    private float exponentials() {
        return kernels.exponentials(logits, 0, largest(), probabilities, 0, size);
    }

    private void move(int from, int to) {
        ids[to] = ids[from];
        logits[to] = logits[from];
    }

    private boolean before(int a, int b) {
        return keys[a] > keys[b] || (keys[a] == keys[b] && ids[a] < ids[b]);
    }

    /// Restores a heap of keys alone, smallest on top, whose element `at` may be too large for its place.
    private void sink(int at, int count) {
        float key = keys[at];
        int parent = at;
        while (2 * parent + 1 < count) {
            int child = 2 * parent + 1;
            if (child + 1 < count && keys[child + 1] < keys[child]) {
                child++;
            }
            if (keys[child] >= key) {
                break;
            }
            keys[parent] = keys[child];
            parent = child;
        }
        keys[parent] = key;
    }

    /// Restores a heap of candidates, largest key on top, whose element `at` may be too small for its place.
    private void sift(int at, int count) {
        int parent = at;
        while (2 * parent + 1 < count) {
            int child = 2 * parent + 1;
            if (child + 1 < count && before(child + 1, child)) {
                child++;
            }
            if (!before(child, parent)) {
                return;
            }
            swap(child, parent);
            parent = child;
        }
    }

    private void swap(int a, int b) {
        int id = ids[a];
        ids[a] = ids[b];
        ids[b] = id;
        swap(logits, a, b);
        swap(probabilities, a, b);
        swap(keys, a, b);
    }

    private static void swap(float[] values, int a, int b) {
        float value = values[a];
        values[a] = values[b];
        values[b] = value;
    }
}
