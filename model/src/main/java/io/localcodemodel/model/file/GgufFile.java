package io.localcodemodel.model.file;

import io.localcodemodel.model.ModelFormatException;
import io.localcodemodel.tensor.BlockStorage;
import io.localcodemodel.tensor.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A file in the GGUF format, versions 2 and 3, mapped into memory: what llama.cpp and its kin store models in.
///
/// The format: "GGUF", a version, how many tensors and how many keys there are; the keys with their values; for each
/// tensor its name, extents (fastest first), type and place; then the elements. Opening reads everything but the
/// elements. Tensors in formats that this library does not know are listed by [#unknownFormats()].
public final class GgufFile implements TensorFile {
    private static final int MAGIC = 0x46554747;
    private static final int MOST_DIMENSIONS = 4;
    private static final String ALIGNMENT = "general.alignment";
    private static final int DEFAULT_ALIGNMENT = 32;

    private final MappedFile file;
    private final Map<String, Object> metadata = new LinkedHashMap<>();
    private final SequencedMap<String, TensorEntry> entries = new LinkedHashMap<>();
    private final Map<String, String> unknownFormats = new LinkedHashMap<>();

    private GgufFile(MappedFile file) {
        this.file = file;
    }

    /// Opens a file and reads its keys and the places of its tensors.
    ///
    /// @throws ModelFormatException if the file does not keep to the format
    public static GgufFile open(Path path) throws IOException {
        return MappedFile.open(path, mapped -> {
            GgufFile file = new GgufFile(mapped);
            file.readHeader();
            return file;
        });
    }

    /// Whether a path is a file in this format: it begins with "GGUF", or its name says so where its content does not.
    public static boolean recognises(Path path) throws IOException {
        if (!Files.isRegularFile(path)) {
            return false;
        }
        try (InputStream content = Files.newInputStream(path)) {
            byte[] start = content.readNBytes(Integer.BYTES);
            return new String(start, StandardCharsets.US_ASCII).equals("GGUF")
                    || path.toString().toLowerCase(Locale.ROOT).endsWith(".gguf");
        }
    }

    private void readHeader() throws ModelFormatException {
        GgufReader reader = new GgufReader(file.path(), file.data());
        if (file.data().byteSize() < Integer.BYTES || reader.int32() != MAGIC) {
            throw reader.refuse("expected a file that starts with GGUF");
        }
        int version = reader.int32();
        if (version != 2 && version != 3) {
            throw reader.refuse("expected version 2 or 3, found " + version);
        }
        long tensors = reader.count("tensors", 24);
        long keys = reader.count("keys", 13);
        for (long i = 0; i < keys; i++) {
            String key = reader.text();
            if (metadata.put(key, reader.value(reader.int32(), 0)) != null) {
                throw reader.refuse("the key " + key + " is there twice");
            }
        }
        readTensors(reader, tensors);
    }

    private void readTensors(GgufReader reader, long tensors) throws ModelFormatException {
        List<TensorEntry> unplaced = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (long i = 0; i < tensors; i++) {
            String name = reader.text();
            Shape shape = shape(reader, name);
            int code = reader.int32();
            long offset = reader.int64();
            ElementType type = type(code);
            if (!names.add(name)) {
                throw reader.refuse("the tensor " + name + " is there twice");
            }
            if (type == null) {
                unknownFormats.put(name, formatName(code));
            } else if (shape.columns() % type.blockElements() != 0) {
                throw reader.refuse("tensor " + name + ": rows of " + type + " are whole blocks of "
                        + type.blockElements() + " elements, found shape " + shape);
            } else {
                unplaced.add(new TensorEntry(name, type, shape, offset));
            }
        }
        long alignment = alignment(reader);
        long start = Math.ceilDiv(reader.position(), alignment) * alignment;
        for (TensorEntry entry : unplaced) {
            long length = file.data().byteSize() - start;
            if (entry.position() < 0
                    || entry.position() % alignment != 0
                    || entry.position() > length
                    || entry.byteLength() > length - entry.position()) {
                throw reader.refuse("tensor " + entry.name() + ": expected a place inside the " + Math.max(0, length)
                        + " bytes of elements, at a multiple of " + alignment + ", found " + entry.byteLength()
                        + " bytes at " + entry.position());
            }
            entries.put(
                    entry.name(), new TensorEntry(entry.name(), entry.type(), entry.shape(), start + entry.position()));
        }
        refuseOverlaps(reader);
    }

    private void refuseOverlaps(GgufReader reader) throws ModelFormatException {
        List<TensorEntry> ordered = new ArrayList<>(entries.values());
        ordered.sort(Comparator.comparingLong(TensorEntry::position));
        for (int i = 1; i < ordered.size(); i++) {
            TensorEntry before = ordered.get(i - 1);
            if (before.position() + before.byteLength() > ordered.get(i).position()) {
                throw reader.refuse(
                        "tensors " + before.name() + " and " + ordered.get(i).name() + " overlap");
            }
        }
    }

    private static Shape shape(GgufReader reader, String name) throws ModelFormatException {
        int rank = reader.int32();
        if (rank < 0 || rank > MOST_DIMENSIONS) {
            throw reader.refuse("tensor " + name + ": expected at most " + MOST_DIMENSIONS + " dimensions, found "
                    + Integer.toUnsignedString(rank));
        }
        int[] dimensions = new int[rank];
        for (int i = rank - 1; i >= 0; i--) {
            long extent = reader.int64();
            if (extent < 0 || extent > Integer.MAX_VALUE) {
                throw reader.refuse(
                        "tensor " + name + ": expected extents below 2^31, found " + Long.toUnsignedString(extent));
            }
            dimensions[i] = (int) extent;
        }
        try {
            return Shape.of(dimensions);
        } catch (IllegalArgumentException tooLarge) {
            throw reader.refuse("tensor " + name + ": " + tooLarge.getMessage());
        }
    }

    private long alignment(GgufReader reader) throws ModelFormatException {
        Object value = metadata.getOrDefault(ALIGNMENT, DEFAULT_ALIGNMENT);
        if (!(value instanceof Integer alignment) || alignment < 1 || alignment > 1 << 20) {
            throw reader.refuse(ALIGNMENT + ": expected a number from 1 to 2^20, found " + value);
        }
        return alignment;
    }

    private static @Nullable ElementType type(int code) {
        return switch (code) {
            case 0 -> ElementType.F32;
            case 1 -> ElementType.F16;
            case 24 -> ElementType.I8;
            case 25 -> ElementType.I16;
            case 26 -> ElementType.I32;
            case 27 -> ElementType.I64;
            case 28 -> ElementType.F64;
            case 30 -> ElementType.BF16;
            case 2 -> ElementType.Q4_0;
            case 8 -> ElementType.Q8_0;
            case 12 -> ElementType.Q4_K;
            case 13 -> ElementType.Q5_K;
            case 14 -> ElementType.Q6_K;
            default -> null;
        };
    }

    private static String formatName(int code) {
        return switch (code) {
            case 3 -> "Q4_1";
            case 6 -> "Q5_0";
            case 7 -> "Q5_1";
            case 10 -> "Q2_K";
            case 11 -> "Q3_K";
            default -> "type " + Integer.toUnsignedString(code);
        };
    }

    /// The keys and their values: [Integer] and [Long] for whole numbers, [Float], [Double], [Boolean], [String], and a
    /// [List] of one of these.
    public Map<String, Object> metadata() {
        return Collections.unmodifiableMap(metadata);
    }

    /// The tensors in formats that are not known here, with the format's name; they are not among [#entries()].
    public Map<String, String> unknownFormats() {
        return Collections.unmodifiableMap(unknownFormats);
    }

    @Override
    public Path path() {
        return file.path();
    }

    @Override
    public SequencedMap<String, TensorEntry> entries() {
        return Collections.unmodifiableSequencedMap(entries);
    }

    @Override
    public void read(String name, float[] target, int offset) {
        file.read(entry(name), target, offset);
    }

    @Override
    public BlockStorage storage(String name) {
        return file.storage(entry(name));
    }

    @Override
    public void close() {
        file.close();
    }

    @Override
    public String toString() {
        return "GgufFile[" + file.path() + ", " + metadata.size() + " keys, " + (entries.size() + unknownFormats.size())
                + " tensors]";
    }
}
