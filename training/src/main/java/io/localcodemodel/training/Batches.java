package io.localcodemodel.training;

import io.localcodemodel.model.TokenBatch;
import io.localcodemodel.tensor.Randomness;
import io.localcodemodel.tensor.op.Sequences;
import java.util.Arrays;

/// An endless supply of training batches from a token stream.
///
/// In every epoch the stream is cut into windows of the context length from a random start on, and each window comes
/// exactly once, in a random order. Start and order are functions of the seed and the epoch, so a [Cursor] is all it takes
/// to go on from any place.
public final class Batches {
    private final TokenStream stream;
    private final int windows;
    private final int length;
    private final Packing packing;
    private final long seed;
    private final int[] ids;
    private final int[] targets;
    private final int[] window;
    private final int[] starts;
    private TokenBatch batch;

    private long epoch = -1;
    private long offset;
    private int[] order = new int[0];
    private int windowsInEpoch;
    private int next;

    /// How far the supply has come.
    ///
    /// @param epoch the epoch the next window belongs to
    /// @param window how many windows of that epoch were taken
    public record Cursor(long epoch, int window) {
        /// Nothing taken yet.
        public static final Cursor START = new Cursor(0, 0);
    }

    /// A supply that starts at the first window of the first epoch.
    ///
    /// @param windows how many windows a batch has
    /// @param contextLength how many tokens a window has; the whole stream where that is shorter
    /// @throws IllegalArgumentException if the stream has fewer than 2 tokens
    public Batches(TokenStream stream, int windows, int contextLength, Packing packing, long seed) {
        if (stream.size() < 2) {
            throw new IllegalArgumentException(
                    "there is nothing to predict in a stream of " + stream.size() + " tokens; add text to the corpus");
        }
        if (windows < 1 || contextLength < 1) {
            throw new IllegalArgumentException("a batch needs at least 1 window of at least 1 token, found " + windows
                    + " windows of " + contextLength);
        }
        this.stream = stream;
        this.windows = windows;
        this.length = (int) Math.min(contextLength, stream.size() - 1);
        this.packing = packing;
        this.seed = seed;
        int tokens = Math.multiplyExact(windows, length);
        this.ids = new int[tokens];
        this.targets = new int[tokens];
        this.window = new int[length + 1];
        this.starts = new int[tokens + 1];
        this.batch = wholeWindows();
        seek(Cursor.START);
    }

    /// How many tokens a batch has.
    public int tokens() {
        return ids.length;
    }

    /// How many windows there are before the stream has been seen once, to within one.
    private long windowsPerEpoch() {
        return (stream.size() - 1) / length;
    }

    /// The tokens of the batch that the last [#advance()] brought. Its arrays are filled again by the next one.
    public TokenBatch batch() {
        return batch;
    }

    /// For each token of [#batch()] the one that follows it in the stream.
    public int[] targets() {
        return targets;
    }

    /// Where the next batch begins.
    public Cursor cursor() {
        return new Cursor(epoch, next);
    }

    /// Goes to a place that [#cursor()] gave, of a supply over the same stream with the same settings.
    ///
    /// @throws IllegalArgumentException if there is no such place
    public void seek(Cursor cursor) {
        begin(cursor.epoch());
        if (cursor.window() < 0 || cursor.window() > windowsInEpoch) {
            throw new IllegalArgumentException("epoch " + cursor.epoch() + " has " + windowsInEpoch
                    + " windows, the cursor stands behind window " + cursor.window());
        }
        next = cursor.window();
    }

    private void begin(long newEpoch) {
        epoch = newEpoch;
        next = 0;
        long epochSeed = Randomness.mix(Randomness.seedFor(seed, "epoch") + Randomness.GOLDEN * newEpoch);
        long choices = Math.min(length, stream.size() - length);
        offset = Math.floorMod(Randomness.mix(epochSeed), choices);
        windowsInEpoch = Math.toIntExact((stream.size() - 1 - offset) / length);
        if (order.length < windowsInEpoch) {
            order = new int[Math.toIntExact(windowsPerEpoch())];
        }
        // Fisher and Yates's shuffle.
        for (int i = 0; i < windowsInEpoch; i++) {
            int j = (int) Math.floorMod(Randomness.mix(epochSeed + Randomness.GOLDEN * (i + 1)), i + 1L);
            order[i] = order[j];
            order[j] = i;
        }
    }

    /// Fills [#batch()] and [#targets()] with the next windows.
    public void advance() {
        for (int w = 0; w < windows; w++) {
            if (next == windowsInEpoch) {
                begin(epoch + 1);
            }
            stream.copy(offset + (long) order[next++] * length, window, 0, length + 1);
            System.arraycopy(window, 0, ids, w * length, length);
            System.arraycopy(window, 1, targets, w * length, length);
        }
        if (packing == Packing.DOCUMENTS && stream.endOfText().isPresent()) {
            batch = cutAtEnds(stream.endOfText().getAsInt());
        }
    }

    private TokenBatch wholeWindows() {
        int[] positions = new int[ids.length];
        Arrays.setAll(positions, i -> i % length);
        return new TokenBatch(ids, positions, Sequences.equal(windows, length));
    }

    /// The token that ends a text is the first of the next sequence: the following text is predicted from it.
    private TokenBatch cutAtEnds(int endOfText) {
        int[] positions = batch.positions();
        int sequences = 0;
        for (int i = 0; i < ids.length; i++) {
            if (i % length == 0 || ids[i] == endOfText) {
                starts[sequences++] = i;
            }
            positions[i] = i - starts[sequences - 1];
        }
        starts[sequences] = ids.length;
        return new TokenBatch(ids, positions, new Sequences(Arrays.copyOf(starts, sequences + 1)));
    }
}
