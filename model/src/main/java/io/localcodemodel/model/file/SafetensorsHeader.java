package io.localcodemodel.model.file;

import io.localcodemodel.model.ModelFormatException;
import io.localcodemodel.model.json.Json;
import io.localcodemodel.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// The header of a safetensors file, checked.
///
/// @param metadata the texts under `__metadata__`
/// @param entries the tensors in the order of their elements
record SafetensorsHeader(Map<String, String> metadata, SequencedMap<String, TensorEntry> entries) {
    /// The bytes that hold the header's length.
    static final int PREFIX = 8;
    /// The format's own limit on the header, in bytes.
    static final long LONGEST = 100_000_000;

    static final String METADATA = "__metadata__";
    private static final String NEXT_STEP = "The file is damaged or no safetensors file; fetch or save it again.";

    /// The header's length as the first 8 bytes say, checked against the file's size.
    static long length(Path path, MemorySegment data) throws ModelFormatException {
        long size = data.byteSize();
        if (size < PREFIX) {
            throw refuse(
                    path,
                    "expected at least the 8 bytes that hold the header's length, found a file of " + size + " bytes");
        }
        long length = data.get(Elements.LONG, 0);
        if (length < 0 || length > size - PREFIX) {
            throw refuse(
                    path,
                    "expected a header that ends inside the file of " + size + " bytes, found a header length of "
                            + Long.toUnsignedString(length) + " at byte 0");
        }
        if (length > LONGEST) {
            throw refuse(
                    path,
                    "expected a header of at most " + LONGEST + " bytes, found a header length of " + length
                            + " at byte 0");
        }
        return length;
    }

    /// Reads the header and checks that its tensors cover `dataLength` bytes exactly.
    ///
    /// @param dataStart the byte of the file where elements start
    static SafetensorsHeader parse(Path path, ByteBuffer json, long dataStart, long dataLength)
            throws ModelFormatException {
        Map<String, @Nullable Object> object = Json.parse(path, "the header (from byte 8)", json);
        List<String> problems = new ArrayList<>();
        Map<String, String> metadata = metadata(object.remove(METADATA), problems);
        List<TensorEntry> entries = new ArrayList<>();
        for (Map.Entry<String, @Nullable Object> field : object.entrySet()) {
            TensorEntry entry = entry(field.getKey(), field.getValue(), dataStart, dataLength, problems);
            if (entry != null) {
                entries.add(entry);
            }
        }
        if (problems.isEmpty()) {
            checkCover(entries, dataStart, dataLength, problems);
        }
        if (!problems.isEmpty()) {
            throw ModelFormatException.of(path, problems, NEXT_STEP);
        }
        SequencedMap<String, TensorEntry> byName = new LinkedHashMap<>();
        entries.forEach(entry -> byName.put(entry.name(), entry));
        return new SafetensorsHeader(metadata, byName);
    }

    private static ModelFormatException refuse(Path path, String problem) {
        return ModelFormatException.of(path, List.of(problem), NEXT_STEP);
    }

    private static Map<String, String> metadata(@Nullable Object value, List<String> problems) {
        Map<String, String> metadata = new LinkedHashMap<>();
        if (value instanceof Map<?, ?> map) {
            map.forEach((key, text) -> {
                if (text instanceof String string) {
                    metadata.put(String.valueOf(key), string);
                } else {
                    problems.add("expected a text under " + METADATA + "." + key + ", found " + text);
                }
            });
        } else if (value != null) {
            problems.add("expected an object under " + METADATA + ", found " + value);
        }
        return metadata;
    }

    private static @Nullable TensorEntry entry(
            String name, @Nullable Object value, long dataStart, long dataLength, List<String> problems) {
        String place = "tensor " + name + ": ";
        if (!(value instanceof Map<?, ?> fields)) {
            problems.add(place + "expected an object with dtype, shape and data_offsets, found " + value);
            return null;
        }
        ElementType type = fields.get("dtype") instanceof String text
                ? ElementType.named(text).orElse(null)
                : null;
        if (type == null) {
            problems.add(
                    place + "expected a dtype of " + ElementType.ofSafetensors() + ", found " + fields.get("dtype"));
            return null;
        }
        long[] shape = numbers(fields.get("shape"));
        long[] offsets = numbers(fields.get("data_offsets"));
        if (shape == null) {
            problems.add(
                    place + "expected a shape of whole numbers that are not negative, found " + fields.get("shape"));
            return null;
        }
        if (offsets == null || offsets.length != 2 || offsets[1] < offsets[0]) {
            problems.add(place + "expected data_offsets [begin, end] with begin <= end, found "
                    + fields.get("data_offsets"));
            return null;
        }
        if (offsets[1] > dataLength) {
            problems.add(String.format(
                    Locale.ROOT,
                    "%sexpected data_offsets inside the %d bytes that follow the header, found [%d, %d]",
                    place,
                    dataLength,
                    offsets[0],
                    offsets[1]));
            return null;
        }
        return sized(place, name, type, shape, offsets, dataStart, problems);
    }

    private static @Nullable TensorEntry sized(
            String place,
            String name,
            ElementType type,
            long[] shape,
            long[] offsets,
            long dataStart,
            List<String> problems) {
        long bytes = offsets[1] - offsets[0];
        long expected = type.bytes();
        try {
            for (long extent : shape) {
                expected = Math.multiplyExact(expected, extent);
            }
        } catch (ArithmeticException overflow) {
            expected = -1;
        }
        if (expected != bytes) {
            problems.add(place + "shape " + List.of(box(shape)) + " of " + type + " needs "
                    + (expected < 0 ? "more than 2^63" : expected) + " bytes, data_offsets span " + bytes);
            return null;
        }
        int[] dimensions = new int[shape.length];
        for (int i = 0; i < shape.length; i++) {
            if (shape[i] > Integer.MAX_VALUE) {
                problems.add(place + "extents above " + Integer.MAX_VALUE + " are not supported, found " + shape[i]);
                return null;
            }
            dimensions[i] = (int) shape[i];
        }
        if (expected / type.bytes() > Integer.MAX_VALUE - 16) {
            problems.add(place + "tensors of more than " + (Integer.MAX_VALUE - 16)
                    + " elements are not supported, found shape " + List.of(box(shape)));
            return null;
        }
        try {
            return new TensorEntry(name, type, Shape.of(dimensions), dataStart + offsets[0]);
        } catch (IllegalArgumentException tooLarge) {
            problems.add(place + tooLarge.getMessage());
            return null;
        }
    }

    private static Long[] box(long[] values) {
        Long[] boxed = new Long[values.length];
        for (int i = 0; i < values.length; i++) {
            boxed[i] = values[i];
        }
        return boxed;
    }

    private static void checkCover(List<TensorEntry> entries, long dataStart, long dataLength, List<String> problems) {
        entries.sort(Comparator.comparingLong(TensorEntry::position).thenComparingLong(TensorEntry::byteLength));
        long at = dataStart;
        String before = "the header";
        for (TensorEntry entry : entries) {
            if (entry.position() != at) {
                problems.add(String.format(
                        Locale.ROOT,
                        "tensor %s: expected its elements at byte %d, where %s ends, found them at byte %d (%s)",
                        entry.name(),
                        at,
                        before,
                        entry.position(),
                        entry.position() < at ? "an overlap" : "a hole"));
            }
            at = Math.max(at, entry.position() + entry.byteLength());
            before = "tensor " + entry.name();
        }
        if (at < dataStart + dataLength) {
            problems.add("expected the file to end with " + before + " at byte " + at + ", found "
                    + (dataStart + dataLength - at) + " more bytes");
        }
    }

    private static long @Nullable [] numbers(@Nullable Object value) {
        if (!(value instanceof List<?> list)) {
            return null;
        }
        long[] numbers = new long[list.size()];
        for (int i = 0; i < numbers.length; i++) {
            if (!(list.get(i) instanceof Number number)
                    || !(number instanceof Integer || number instanceof Long)
                    || number.longValue() < 0) {
                return null;
            }
            numbers[i] = number.longValue();
        }
        return numbers;
    }
}
