package io.localcodemodel.tokenizer;

import java.text.Normalizer;
import java.text.Normalizer.Form;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/// Decomposes long runs of marks and brings the marks into canonical order (Unicode standard, section 3.11), in linear time.
///
/// `java.text.Normalizer` sorts by insertion, which takes a time that grows with the square of a run; what is in order
/// already costs it nothing. The classes of marks, which Java does not tell, follow from what it does with two of them.
final class CanonicalOrder {

    /// The class of this mark is the highest.
    private static final int HIGHEST = 0x345;
    /// The class of this mark is the lowest but for none.
    private static final int LOWEST = 0x334;

    private final Map<Integer, Boolean> orderable = new HashMap<>();
    /// By mark; marks of one class share a bucket.
    private final Map<Integer, StringBuilder> buckets = new HashMap<>();
    private final TreeMap<Integer, StringBuilder> byClass =
            new TreeMap<>((a, b) -> changePlaces(a, b) ? 1 : changePlaces(b, a) ? -1 : 0);

    private CanonicalOrder() {}

    /// Returns a text that has the same normal forms, and is quick to bring into them.
    ///
    /// @param decomposition NFD, or NFKD for the compatibility forms
    static String of(String text, Form decomposition) {
        CanonicalOrder order = new CanonicalOrder();
        StringBuilder ordered = new StringBuilder(text.length());
        text.codePoints()
                .mapToObj(c -> Normalizer.normalize(Character.toString(c), decomposition))
                .flatMapToInt(String::codePoints)
                .forEach(c -> order.append(c, ordered));
        order.flush(ordered);
        return ordered.toString();
    }

    private void append(int character, StringBuilder ordered) {
        if (orderable.computeIfAbsent(character, c -> changePlaces(HIGHEST, c) || changePlaces(c, LOWEST))) {
            buckets.computeIfAbsent(character, c -> byClass.computeIfAbsent(c, first -> new StringBuilder()))
                    .appendCodePoint(character);
        } else {
            flush(ordered);
            ordered.appendCodePoint(character);
        }
    }

    private void flush(StringBuilder ordered) {
        byClass.values().forEach(bucket -> {
            ordered.append(bucket);
            bucket.setLength(0);
        });
    }

    private static boolean changePlaces(int first, int second) {
        String pair = Character.toString(first) + Character.toString(second);
        return !Normalizer.normalize(pair, Form.NFD).equals(pair);
    }
}
