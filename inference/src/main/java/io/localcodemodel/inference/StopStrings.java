package io.localcodemodel.inference;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Watches text that arrives in pieces for the first stop string, and holds back what may be the beginning of one.
///
/// The stop string that is complete first wins, of two that are complete at the same character the longer one; so the
/// outcome does not depend on how the text was cut into pieces.
final class StopStrings {
    private final List<String> stops;
    private final StringBuilder held = new StringBuilder();
    private @Nullable String found;

    StopStrings(List<String> stops) {
        this.stops = stops;
    }

    /// Takes the next piece of text; returns what is now sure to come before any stop string, possibly nothing.
    String add(String piece) {
        if (found != null) {
            return "";
        }
        int from = held.length();
        held.append(piece);
        for (int end = from + 1; end <= held.length(); end++) {
            String stop = endingAt(end);
            if (stop != null) {
                found = stop;
                String before = held.substring(0, end - stop.length());
                held.setLength(0);
                return before;
            }
        }
        int free = held.length() - mayBegin();
        String sure = held.substring(0, free);
        held.delete(0, free);
        return sure;
    }

    /// What was held back, when no more text comes.
    String finish() {
        String rest = held.toString();
        held.setLength(0);
        return rest;
    }

    /// The stop string that was found, or null.
    @Nullable
    String found() {
        return found;
    }

    private @Nullable String endingAt(int end) {
        String longest = null;
        for (String stop : stops) {
            int start = end - stop.length();
            if (start >= 0
                    && (longest == null || stop.length() > longest.length())
                    && regionEquals(start, stop, stop.length())) {
                longest = stop;
            }
        }
        return longest;
    }

    /// The length of the longest end of the held text that is the beginning of a stop string.
    private int mayBegin() {
        int longest = 0;
        for (String stop : stops) {
            for (int length = Math.min(stop.length() - 1, held.length()); length > longest; length--) {
                if (regionEquals(held.length() - length, stop, length)) {
                    longest = length;
                }
            }
        }
        return longest;
    }

    private boolean regionEquals(int start, String stop, int length) {
        for (int i = 0; i < length; i++) {
            if (held.charAt(start + i) != stop.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
