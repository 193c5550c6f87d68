package io.localcodemodel.training;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What `training.json` says.
///
/// @param step the steps done
/// @param optimizerSteps the steps of the optimiser
/// @param nanos how long the run had taken
/// @param cursor the place in the training data
/// @param validationBitsPerByte of exactly these weights, or null where they were not evaluated
/// @param bestBitsPerByte the best so far in the run, or null
/// @param settings what has to be the same in a run that goes on from here
/// @param provenance where everything came from, for people
/// @param files the other files: their length and CRC-32C
record CheckpointRecord(
        long step,
        long optimizerSteps,
        long nanos,
        Batches.Cursor cursor,
        @Nullable Double validationBitsPerByte,
        @Nullable Double bestBitsPerByte,
        Map<String, String> settings,
        Map<String, String> provenance,
        Map<String, Sum> files) {
    /// The version of the format.
    static final int FORMAT = 1;
    private static final Set<String> NOT_FINITE = Set.of("NaN", "Infinity", "-Infinity");

    /// What a file has to be like.
    ///
    /// @param bytes its length
    /// @param crc32c its checksum in hexadecimal
    record Sum(long bytes, String crc32c) {}

    CheckpointRecord withFiles(Map<String, Sum> sums) {
        return new CheckpointRecord(
                step,
                optimizerSteps,
                nanos,
                cursor,
                validationBitsPerByte,
                bestBitsPerByte,
                settings,
                provenance,
                sums);
    }

    Map<String, Object> toJson() {
        Map<String, Object> sums = new LinkedHashMap<>();
        files.forEach((name, sum) -> sums.put(name, Map.of("bytes", sum.bytes, "crc32c", sum.crc32c)));
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("format", FORMAT);
        json.put("step", step);
        json.put("optimizerSteps", optimizerSteps);
        json.put("nanoseconds", nanos);
        json.put("epoch", cursor.epoch());
        json.put("window", cursor.window());
        putFinite(json, "validationBitsPerByte", validationBitsPerByte);
        putFinite(json, "bestBitsPerByte", bestBitsPerByte);
        json.put("settings", settings);
        json.put("provenance", provenance);
        json.put("files", sums);
        return json;
    }

    /// JSON has no infinity and no NaN; earlier revisions wrote them as texts ([#NOT_FINITE]).
    private static void putFinite(Map<String, @Nullable Object> json, String name, @Nullable Double number) {
        if (number != null && Double.isFinite(number)) {
            json.put(name, number);
        }
    }

    /// Reads what [#toJson()] wrote.
    ///
    /// @throws IllegalArgumentException naming the first field that is missing or of another type
    static CheckpointRecord fromJson(Map<String, @Nullable Object> json) {
        long format = whole(json, "format");
        if (format != FORMAT) {
            throw new IllegalArgumentException("expected format " + FORMAT + ", found " + format);
        }
        Map<String, Sum> files = new LinkedHashMap<>();
        map(json, "files").forEach((name, value) -> {
            if (!(value instanceof Map<?, ?> sum)
                    || !(sum.get("bytes") instanceof Number bytes)
                    || !(sum.get("crc32c") instanceof String crc)) {
                throw new IllegalArgumentException("files." + name + ": expected bytes and crc32c, found " + value);
            }
            files.put(name, new Sum(bytes.longValue(), crc));
        });
        return new CheckpointRecord(
                whole(json, "step"),
                whole(json, "optimizerSteps"),
                whole(json, "nanoseconds"),
                new Batches.Cursor(whole(json, "epoch"), Math.toIntExact(whole(json, "window"))),
                number(json, "validationBitsPerByte"),
                number(json, "bestBitsPerByte"),
                texts(json, "settings"),
                texts(json, "provenance"),
                files);
    }

    private static long whole(Map<String, @Nullable Object> json, String name) {
        if (json.get(name) instanceof Number number
                && number.longValue() == number.doubleValue()
                && number.longValue() >= 0) {
            return number.longValue();
        }
        throw new IllegalArgumentException(name + ": expected a whole number from 0 on, found " + json.get(name));
    }

    private static @Nullable Double number(Map<String, @Nullable Object> json, String name) {
        return switch (json.get(name)) {
            case null -> null;
            case Number number -> number.doubleValue();
            case String text when NOT_FINITE.contains(text) -> null;
            case Object other -> throw new IllegalArgumentException(name + ": expected a number, found " + other);
        };
    }

    private static Map<String, Object> map(Map<String, @Nullable Object> json, String name) {
        if (!(json.get(name) instanceof Map<?, ?> map)) {
            throw new IllegalArgumentException(name + ": expected an object, found " + json.get(name));
        }
        Map<String, Object> copy = new LinkedHashMap<>();
        map.forEach((key, value) -> copy.put(String.valueOf(key), value == null ? List.of() : value));
        return copy;
    }

    private static Map<String, String> texts(Map<String, @Nullable Object> json, String name) {
        Map<String, String> texts = new LinkedHashMap<>();
        map(json, name).forEach((key, value) -> texts.put(key, value.toString()));
        return texts;
    }
}
