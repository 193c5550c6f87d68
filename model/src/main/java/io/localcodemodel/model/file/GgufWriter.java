package io.localcodemodel.model.file;

import io.localcodemodel.tensor.Shape;
import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tensor.format.BlockFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/// Writes files in the GGUF format, version 3, which [GgufFile] reads.
public final class GgufWriter {
    private static final int VERSION = 3;
    private static final int ALIGNMENT = 32;
    /// Elements that are encoded at a time.
    private static final int CHUNK = 1 << 18;

    private final ByteArrayOutputStream header = new ByteArrayOutputStream();

    private GgufWriter() {}

    /// A tensor to be written.
    ///
    /// @param name unique in its file
    /// @param shape its extents; the last is a whole number of blocks
    /// @param format how its elements are stored
    /// @param values makes its elements when they are written
    public record Source(String name, Shape shape, BlockFormat format, Supplier<Tensor> values) {
        /// @throws IllegalArgumentException if a row is no whole number of blocks
        public Source {
            if (shape.columns() % format.blockElements() != 0) {
                throw new IllegalArgumentException("tensor " + name + ": rows of " + format + " are whole blocks of "
                        + format.blockElements() + " elements, its shape is " + shape
                        + "; choose another format for it, such as Q8_0 or F16");
            }
        }

        long byteLength() {
            return format.bytes(shape.size());
        }
    }

    /// Writes a file in one step: an interruption leaves what was there before.
    ///
    /// @param metadata the keys: [String], [Boolean], [Integer] (not negative), [Float], or a [List] of one of these, where
    ///     integers may be negative
    /// @throws IllegalArgumentException if a value is of another type, or two tensors have one name
    public static void write(Path file, Map<String, ?> metadata, List<Source> tensors) throws IOException {
        byte[] header = new GgufWriter().header(metadata, tensors);
        FileReplacement replacement = FileReplacement.of(file);
        try {
            try (FileChannel channel = FileChannel.open(
                    replacement.pending(),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.WRITE)) {
                writeFully(channel, ByteBuffer.wrap(header));
                for (Source source : tensors) {
                    pad(channel);
                    elements(channel, source);
                }
                pad(channel);
                channel.force(true);
            }
            replacement.commit();
        } catch (IOException | RuntimeException failed) {
            replacement.discard();
            throw failed;
        }
    }

    // ---------------------------------------------------------------- header

    private byte[] header(Map<String, ?> metadata, List<Source> tensors) {
        header.writeBytes("GGUF".getBytes(StandardCharsets.US_ASCII));
        int32(VERSION);
        int64(tensors.size());
        int64(metadata.size());
        metadata.forEach((key, value) -> {
            text(key);
            int32(type(key, value, false));
            value(key, value);
        });
        long at = 0;
        for (Source source : tensors) {
            if (tensors.stream()
                            .filter(each -> each.name().equals(source.name()))
                            .count()
                    > 1) {
                throw new IllegalArgumentException("two tensors are named " + source.name());
            }
            text(source.name());
            int[] dimensions = source.shape().dimensions();
            int32(dimensions.length);
            for (int i = dimensions.length - 1; i >= 0; i--) {
                int64(dimensions[i]);
            }
            int32(code(source.format()));
            int64(at);
            at += Math.ceilDiv(source.byteLength(), (long) ALIGNMENT) * ALIGNMENT;
        }
        return header.toByteArray();
    }

    private static int type(String key, Object value, boolean inList) {
        return switch (value) {
            case String _ -> 8;
            case Boolean _ -> 7;
            case Float _ -> 6;
            case Integer _ -> inList ? 5 : 4;
            case List<?> _ when !inList -> 9;
            default ->
                throw new IllegalArgumentException(
                        "key " + key + ": a value of type " + value.getClass().getSimpleName() + " cannot be written");
        };
    }

    private void value(String key, Object value) {
        switch (value) {
            case String text -> text(text);
            case Boolean flag -> header.write(flag ? 1 : 0);
            case Float number -> int32(Float.floatToRawIntBits(number));
            case Integer number -> int32(number);
            case List<?> list -> {
                int type = list.isEmpty() ? 8 : type(key, list.getFirst(), true);
                int32(type);
                int64(list.size());
                for (Object element : list) {
                    if (type(key, element, true) != type) {
                        throw new IllegalArgumentException("key " + key + ": its elements are of several types");
                    }
                    value(key, element);
                }
            }
            default -> throw new IllegalArgumentException("key " + key + ": " + value);
        }
    }

    private static int code(BlockFormat format) {
        return switch (format) {
            case F32 -> 0;
            case F16 -> 1;
            case Q4_0 -> 2;
            case Q8_0 -> 8;
            case Q4_K -> 12;
            case Q5_K -> 13;
            case Q6_K -> 14;
            case BF16 -> 30;
        };
    }

    private void text(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        int64(utf8.length);
        header.writeBytes(utf8);
    }

    private void int32(int number) {
        header.writeBytes(ByteBuffer.allocate(Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(number)
                .array());
    }

    private void int64(long number) {
        header.writeBytes(ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(number)
                .array());
    }

    // ---------------------------------------------------------------- elements

    private static void elements(FileChannel channel, Source source) throws IOException {
        Tensor tensor = source.values().get();
        if (!tensor.shape().equals(source.shape())) {
            throw new IllegalArgumentException("tensor " + source.name() + " is announced with shape " + source.shape()
                    + " and has shape " + tensor.shape());
        }
        BlockFormat format = source.format();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment chunk = arena.allocate(format.bytes(CHUNK));
            for (int from = 0; from < tensor.size(); from += CHUNK) {
                int count = Math.min(CHUNK, tensor.size() - from);
                format.encode(tensor.array(), tensor.offset() + from, chunk, 0, count);
                writeFully(channel, chunk.asSlice(0, format.bytes(count)).asByteBuffer());
            }
        }
    }

    private static void pad(FileChannel channel) throws IOException {
        int missing = (int) (Math.ceilDiv(channel.position(), (long) ALIGNMENT) * ALIGNMENT - channel.position());
        writeFully(channel, ByteBuffer.allocate(missing));
    }

    private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
