package io.localcodemodel.model.file;

import io.localcodemodel.model.json.Json;
import io.localcodemodel.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.zip.CRC32C;

/// Writes safetensors files of 32-bit floats.
///
/// The same tensors and texts give the same bytes: tensors lie in the order given, texts are sorted by name, and the
/// header is padded with spaces so that elements start at a multiple of 8.
public final class SafetensorsWriter {
    /// The text under which the writer leaves the CRC-32C of all elements, as 8 hexadecimal digits.
    public static final String CHECKSUM = "crc32c";

    private static final int CHUNK = 1 << 20;

    private SafetensorsWriter() {}

    /// A tensor to be written.
    ///
    /// @param name its name in the file
    /// @param shape its extents in the file
    /// @param values its elements, asked for once for the checksum and once for writing, so that a copy in another
    ///     layout need not live long
    public record Source(String name, int[] shape, Supplier<Tensor> values) {
        /// A tensor as it is.
        public static Source of(String name, Tensor values) {
            return new Source(name, values.shape().dimensions(), () -> values);
        }

        private long byteLength() {
            long bytes = Float.BYTES;
            for (int extent : shape) {
                bytes *= extent;
            }
            return bytes;
        }
    }

    /// Writes a whole file, which replaces another of its name only once all of it is on the disk.
    ///
    /// @param metadata texts for `__metadata__`; the checksum is added
    public static void write(Path file, Map<String, String> metadata, List<Source> tensors) throws IOException {
        FileReplacement replacement = FileReplacement.of(file);
        try {
            writePending(replacement, metadata, tensors);
            replacement.commit();
        } catch (IOException | RuntimeException failed) {
            replacement.discard();
            throw failed;
        }
    }

    /// Writes a whole file that is not put in place yet, and forces it to the disk.
    ///
    /// @return the checksum of the elements
    public static String writePending(FileReplacement replacement, Map<String, String> metadata, List<Source> tensors)
            throws IOException {
        CRC32C crc = new CRC32C();
        for (Source source : tensors) {
            stream(source, crc::update);
        }
        String checksum = String.format(Locale.ROOT, "%08x", crc.getValue());
        Map<String, String> texts = new TreeMap<>(metadata);
        texts.put(CHECKSUM, checksum);
        try (FileChannel channel = FileChannel.open(
                replacement.pending(),
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE)) {
            writeFully(channel, header(texts, tensors));
            for (Source source : tensors) {
                stream(source, bytes -> writeFully(channel, bytes));
            }
            channel.force(true);
        }
        return checksum;
    }

    private static ByteBuffer header(Map<String, String> metadata, List<Source> tensors) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put(SafetensorsHeader.METADATA, metadata);
        long at = 0;
        for (Source source : tensors) {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("dtype", ElementType.F32.name());
            fields.put("shape", Arrays.stream(source.shape()).boxed().toList());
            fields.put("data_offsets", List.of(at, at + source.byteLength()));
            if (object.put(source.name(), fields) != null) {
                throw new IllegalArgumentException("two tensors are named " + source.name());
            }
            at += source.byteLength();
        }
        byte[] json = Json.compact(object).getBytes(StandardCharsets.UTF_8);
        int padded = Math.ceilDiv(json.length, 8) * 8;
        ByteBuffer header =
                ByteBuffer.allocate(SafetensorsHeader.PREFIX + padded).order(ByteOrder.LITTLE_ENDIAN);
        header.putLong(padded).put(json);
        while (header.hasRemaining()) {
            header.put((byte) ' ');
        }
        return header.flip();
    }

    private interface Sink {
        void accept(ByteBuffer bytes) throws IOException;
    }

    private static void stream(Source source, Sink sink) throws IOException {
        Tensor tensor = source.values().get();
        if ((long) tensor.size() * Float.BYTES != source.byteLength()) {
            throw new IllegalArgumentException("tensor " + source.name() + " is announced with shape "
                    + Arrays.toString(source.shape()) + " and has shape " + tensor.shape());
        }
        ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK).order(ByteOrder.LITTLE_ENDIAN);
        int perChunk = CHUNK / Float.BYTES;
        for (int from = 0; from < tensor.size(); from += perChunk) {
            int count = Math.min(perChunk, tensor.size() - from);
            chunk.clear();
            chunk.asFloatBuffer().put(tensor.array(), tensor.offset() + from, count);
            chunk.limit(count * Float.BYTES);
            sink.accept(chunk);
        }
    }

    private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
