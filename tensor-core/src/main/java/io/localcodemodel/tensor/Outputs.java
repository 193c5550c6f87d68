package io.localcodemodel.tensor;

import org.jspecify.annotations.Nullable;

/// Counts the outputs that a pass makes, so that a part of a model that runs again knows its result when it is made: nobody
/// reads its value then.
final class Outputs {
    private long count;
    private @Nullable Var latest;
    private long unreadPlace;
    private @Nullable Var unread;

    void add(Var output) {
        count++;
        latest = output;
        if (count == unreadPlace) {
            unread = output;
        }
    }

    long count() {
        return count;
    }

    /// Whether the variable is the output made last, or holds its value.
    @SuppressWarnings("ReferenceEquality") // the same storage, not an equal one
    boolean isLatest(Var variable) {
        return latest != null && latest.value().storage() == variable.value().storage();
    }

    /// Says that the value of the output with this number is not read; 0 for none.
    void expectUnread(long place) {
        unreadPlace = place;
        unread = null;
    }

    @SuppressWarnings("ReferenceEquality")
    boolean reads(Var output) {
        return output != unread;
    }
}
