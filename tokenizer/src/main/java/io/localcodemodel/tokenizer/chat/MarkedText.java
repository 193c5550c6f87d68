package io.localcodemodel.tokenizer.chat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A string that remembers which of its characters came from the conversation and which from the template.
///
/// Only what a template itself writes may become a special token. Text operations keep the marks exactly where
/// characters are moved about, and mark the whole result where characters are made anew, as by `upper`.
///
/// Positions are UTF-16; the methods with "point" in their names count characters as Python does.
final class MarkedText implements Comparable<MarkedText> {

    /// In characters: more than any context holds, little enough for any heap.
    static final int LARGEST = 1 << 23;

    static final MarkedText EMPTY = new MarkedText("", new int[0]);

    private final String text;
    /// Pairs of start and end, ascending, not touching.
    private final int[] content;

    private MarkedText(String text, int[] content) {
        this.text = text;
        this.content = content;
    }

    /// Text of the template.
    static MarkedText plain(String text) {
        return text.isEmpty() ? EMPTY : new MarkedText(text, EMPTY.content);
    }

    /// Text of the conversation.
    static MarkedText content(String text) {
        return text.isEmpty() ? EMPTY : new MarkedText(text, new int[] {0, text.length()});
    }

    /// Another text made of this one.
    MarkedText derived(String other) {
        return content.length == 0 ? plain(other) : content(other);
    }

    String text() {
        return text;
    }

    int length() {
        return text.length();
    }

    boolean isEmpty() {
        return text.isEmpty();
    }

    boolean hasContent() {
        return content.length > 0;
    }

    List<ChatPrompt.Span> spans() {
        List<ChatPrompt.Span> spans = new ArrayList<>(content.length / 2);
        for (int i = 0; i < content.length; i += 2) {
            spans.add(new ChatPrompt.Span(content[i], content[i + 1]));
        }
        return spans;
    }

    MarkedText substring(int from, int to) {
        if (from == 0 && to == text.length()) {
            return this;
        }
        if (content.length == 0) {
            return plain(text.substring(from, to));
        }
        int first = firstSpanEndingAfter(from);
        int last = first;
        while (last < content.length && content[last] < to) {
            last += 2;
        }
        int[] kept = Arrays.copyOfRange(content, first, last);
        for (int i = 0; i < kept.length; i += 2) {
            kept[i] = Math.max(from, kept[i]) - from;
            kept[i + 1] = Math.min(to, kept[i + 1]) - from;
        }
        return new MarkedText(text.substring(from, to), kept);
    }

    private int firstSpanEndingAfter(int position) {
        int low = 0;
        int high = content.length / 2;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (content[2 * middle + 1] <= position) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return 2 * low;
    }

    /// Returns the number of characters as Python counts them.
    int points() {
        return text.codePointCount(0, text.length());
    }

    /// Returns the characters `from` to `to` as Python counts them; both must exist.
    MarkedText pointRange(int from, int to) {
        int start = text.offsetByCodePoints(0, from);
        return substring(start, text.offsetByCodePoints(start, to - from));
    }

    /// Returns each character as a text.
    List<MarkedText> characters() {
        List<MarkedText> all = new ArrayList<>();
        for (int i = 0; i < text.length(); ) {
            int next = text.offsetByCodePoints(i, 1);
            all.add(substring(i, next));
            i = next;
        }
        return all;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof MarkedText marked && text.equals(marked.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    /// The order of the texts, by which a map finds one among many of the same hash.
    @Override
    public int compareTo(MarkedText other) {
        return text.compareTo(other.text);
    }

    @Override
    public String toString() {
        return text;
    }

    /// Puts a text together; refuses one that is too long before it takes the memory.
    static final class Builder {

        private final Limits limits;
        private final StringBuilder text = new StringBuilder();
        private int[] content = new int[8];
        private int count;

        Builder(Limits limits) {
            this.limits = limits;
        }

        Builder append(MarkedText piece) {
            int at = text.length();
            append(piece.text, false);
            for (int i = 0; i < piece.content.length; i += 2) {
                mark(at + piece.content[i], at + piece.content[i + 1]);
            }
            return this;
        }

        Builder append(String piece, boolean fromConversation) {
            int at = text.length();
            limits.characters(at, piece.length());
            text.append(piece);
            if (fromConversation) {
                mark(at, text.length());
            }
            return this;
        }

        Builder append(String piece) {
            return append(piece, false);
        }

        private void mark(int from, int to) {
            if (from == to) {
                return;
            }
            if (count > 0 && content[count - 1] == from) {
                content[count - 1] = to;
                return;
            }
            if (count == content.length) {
                content = Arrays.copyOf(content, count * 2);
            }
            content[count++] = from;
            content[count++] = to;
        }

        int length() {
            return text.length();
        }

        MarkedText build() {
            return new MarkedText(text.toString(), Arrays.copyOf(content, count));
        }
    }
}
