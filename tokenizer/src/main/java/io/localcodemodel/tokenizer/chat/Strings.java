package io.localcodemodel.tokenizer.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The operations of Python's `str` that filters and methods share. Marks follow their characters.
final class Strings {

    private Strings() {}

    /// `strip`, `lstrip` and `rstrip`: takes white space, or the characters of `characters`, from the ends.
    static MarkedText strip(
            MarkedText text, @Nullable MarkedText characters, boolean left, boolean right, Limits limits) {
        if (characters != null) {
            limits.search(text, characters);
        }
        String all = text.text();
        int from = 0;
        int to = all.length();
        while (left && from < to && isStripped(all.codePointAt(from), characters)) {
            from += Character.charCount(all.codePointAt(from));
        }
        while (right && to > from && isStripped(all.codePointBefore(to), characters)) {
            to -= Character.charCount(all.codePointBefore(to));
        }
        return text.substring(from, to);
    }

    private static boolean isStripped(int c, @Nullable MarkedText characters) {
        return characters == null ? PythonText.isSpace(c) : characters.text().indexOf(c) >= 0;
    }

    /// Replaces the first `count` occurrences, or all if it is negative.
    static MarkedText replace(MarkedText text, MarkedText old, MarkedText by, long count, Limits limits) {
        limits.search(text, old);
        MarkedText.Builder replaced = new MarkedText.Builder(limits);
        String all = text.text();
        int at = 0;
        long left = count < 0 ? Long.MAX_VALUE : count;
        while (left > 0) {
            int found = all.indexOf(old.text(), at);
            if (found < 0) {
                break;
            }
            limits.step();
            replaced.append(text.substring(at, found)).append(by);
            left--;
            at = found + old.length();
            if (old.isEmpty()) {
                if (found == all.length()) {
                    return replaced.build();
                }
                int next = all.offsetByCodePoints(found, 1);
                replaced.append(text.substring(found, next));
                at = next;
            }
        }
        return replaced.append(text.substring(at, all.length())).build();
    }

    /// Splits at a separator, or at runs of white space if it is null; at most `most` times if that is not negative.
    static List<@Nullable Object> split(MarkedText text, @Nullable MarkedText separator, long most, Limits limits) {
        limits.characters(0, text.length());
        List<@Nullable Object> parts = new ArrayList<>();
        if (separator == null) {
            splitAtSpace(text, most, parts, limits);
            return parts;
        }
        if (separator.isEmpty()) {
            throw limits.refuse("expected a separator of at least one character, found the empty string");
        }
        limits.search(text, separator);
        String all = text.text();
        int at = 0;
        for (int found = all.indexOf(separator.text()); found >= 0 && (most < 0 || parts.size() < most); ) {
            limits.step();
            parts.add(text.substring(at, found));
            at = found + separator.length();
            found = all.indexOf(separator.text(), at);
        }
        parts.add(text.substring(at, all.length()));
        return parts;
    }

    private static void splitAtSpace(MarkedText text, long most, List<@Nullable Object> parts, Limits limits) {
        String all = text.text();
        int at = endOfSpace(all, 0);
        while (at < all.length()) {
            limits.step();
            if (most >= 0 && parts.size() >= most) {
                parts.add(text.substring(at, all.length()));
                return;
            }
            int end = at;
            while (end < all.length() && !PythonText.isSpace(all.charAt(end))) {
                end++;
            }
            parts.add(text.substring(at, end));
            at = endOfSpace(all, end);
        }
    }

    private static int endOfSpace(String text, int from) {
        int at = from;
        while (at < text.length() && PythonText.isSpace(text.charAt(at))) {
            at++;
        }
        return at;
    }

    /// Splits from the right.
    static List<@Nullable Object> splitFromRight(MarkedText text, MarkedText separator, long most, Limits limits) {
        if (most < 0) {
            return split(text, separator, most, limits);
        }
        List<@Nullable Object> parts = new ArrayList<>();
        if (separator.isEmpty()) {
            throw limits.refuse("expected a separator of at least one character, found the empty string");
        }
        limits.search(text, separator);
        limits.characters(0, text.length());
        int end = text.length();
        while (parts.size() < most) {
            int found =
                    end < separator.length() ? -1 : text.text().lastIndexOf(separator.text(), end - separator.length());
            if (found < 0) {
                break;
            }
            limits.step();
            parts.addFirst(text.substring(found + separator.length(), end));
            end = found;
        }
        parts.addFirst(text.substring(0, end));
        return parts;
    }

    /// Splits at line ends, which are left out unless `keep`.
    static List<@Nullable Object> lines(MarkedText text, boolean keep, Limits limits) {
        limits.characters(0, text.length());
        List<@Nullable Object> lines = new ArrayList<>();
        String all = text.text();
        int start = 0;
        for (int i = 0; i < all.length(); i++) {
            if (isLineEnd(all.charAt(i))) {
                limits.step();
                int end = i;
                if (all.charAt(i) == '\r' && i + 1 < all.length() && all.charAt(i + 1) == '\n') {
                    i++;
                }
                lines.add(text.substring(start, keep ? i + 1 : end));
                start = i + 1;
            }
        }
        if (start < all.length()) {
            lines.add(text.substring(start, all.length()));
        }
        return lines;
    }

    private static boolean isLineEnd(char c) {
        return (c >= '\n' && c <= '\r') || (c >= 0x1C && c <= 0x1E) || c == 0x85 || c == 0x2028 || c == 0x2029;
    }

    static MarkedText join(List<? extends @Nullable Object> items, MarkedText separator, Limits limits) {
        MarkedText.Builder joined = new MarkedText.Builder(limits);
        boolean first = true;
        for (Object item : items) {
            limits.step();
            if (!first) {
                joined.append(separator);
            }
            first = false;
            PythonText.write(joined, item, limits);
        }
        return joined.build();
    }

    /// The first character in upper case, the others in lower case.
    static String capitalize(String text) {
        if (text.isEmpty()) {
            return text;
        }
        int next = text.offsetByCodePoints(0, 1);
        return text.substring(0, next).toUpperCase(Locale.ROOT)
                + text.substring(next).toLowerCase(Locale.ROOT);
    }

    /// The first letter of each word in upper case, the others in lower case.
    static String title(String text) {
        StringBuilder title = new StringBuilder(text.length());
        boolean inWord = false;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            title.appendCodePoint(inWord ? Character.toLowerCase(c) : Character.toTitleCase(c));
            inWord = Character.isLetter(c);
            i += Character.charCount(c);
        }
        return title.toString();
    }
}
